import { expect, it } from '@jest/globals';
import { BALANCE_API, QuotaBook, type Resource } from '@signalbox/contracts';
import { quotaProjects } from './quota-projects.js';

function resource(kind: string, name: string, spec: object, project = 'default'): Resource {
  return { apiVersion: BALANCE_API, kind, metadata: { name, project }, spec: spec as Resource['spec'] };
}

const project = (name: string, org: string): Resource => resource('Project', name, { org });
const pool = (of: string): Resource => resource('Pool', 'p', {}, of);
const QUOTA = resource('Quota', 'q', { org: 'acme', limits: { Pool: 1 } });

function asked(standing: readonly Resource[], ...given: readonly Resource[]): string[] {
  const book = new QuotaBook();
  book.apply(standing.map((one) => ({ op: 'put', resource: one })));
  return [...quotaProjects(book, given)].sort();
}

it('only what quotas look at is counted: the projects of a change, and all of their orgs', () => {
  const owned = [project('web', 'acme'), project('shop', 'acme'), project('other', 'beta')];
  expect(asked(owned, pool('web'))).toEqual([]);
  expect(asked(owned, pool('web'), QUOTA)).toEqual(['shop', 'web']);
  expect(asked([...owned, QUOTA], pool('web'))).toEqual(['shop', 'web']);
  expect(asked([...owned, QUOTA], pool('free'), pool('default'))).toEqual(['free']);
  expect(asked([...owned, QUOTA], project('new', 'acme'))).toEqual(['new', 'shop', 'web']);
});
