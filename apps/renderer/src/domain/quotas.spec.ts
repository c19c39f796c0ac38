import { describe, expect, it } from '@jest/globals';
import { BALANCE_API, CodedError, type Resource } from '@signalbox/contracts';
import { validateProposed } from './proposable.js';
import {
  declared,
  deleted,
  given,
  proposed,
  type Proposal,
  restarted,
  type Scenario,
  timePassed,
} from './scenario.fixture.js';

function resource(kind: string, name: string, spec: object = {}, project?: string): Resource {
  const metadata = { name, ...(project !== undefined && { project }) };
  return { apiVersion: BALANCE_API, kind, metadata, spec: spec as Resource['spec'] };
}

const backend = (name: string, project = 'web'): Resource =>
  resource('Backend', name, { address: '10.0.0.1' }, project);
const backends = (...names: readonly string[]): Resource[] => names.map((name) => backend(name));
const project = (name: string, org: string): Resource => resource('Project', name, { org });
const quota = (limit: number, scope: object = { project: 'web' }): Resource =>
  resource('Quota', 'q', { ...scope, limits: { Backend: limit } });
const ACME = [resource('Org', 'acme'), project('web', 'acme'), project('shop', 'acme')];

/** `accepted`, or the code and places of the rejection. */
function outcome(site: Scenario, proposal: Proposal): unknown {
  const [record] = site.when(proposed(proposal));
  if (record?.type !== 'rejected') return record?.type;
  return [record.error.code, record.error.errors?.map(({ pointer }) => pointer)];
}

describe('a part that brings more than a quota allows', () => {
  it('is rejected with the place of what has no room, and the last one stays', () => {
    const site = given(declared(...ACME, quota(2), backend('mine')));
    expect(outcome(site, { by: 'p', resources: backends('a') })).toBe('accepted');
    expect(outcome(site, { by: 'p', resources: backends('a', 'b') })).toEqual([
      'quota-exceeded',
      ['/resources/1'],
    ]);
    expect(site.names()).toContain('Backend/a');
    expect(site.names()).not.toContain('Backend/b');
    expect(outcome(site, { by: 'p', resources: backends('b') })).toBe('accepted');
  });

  it('is none for resources of another project, or when what it replaces makes room', () => {
    const site = given(declared(...ACME, quota(1)));
    expect(outcome(site, { by: 'p', resources: [backend('a', 'lab'), backend('b', 'lab')] })).toBe(
      'accepted',
    );
    expect(outcome(site, { by: 'q', resources: backends('a') })).toBe('accepted');
    expect(outcome(site, { by: 'q', resources: backends('b') })).toBe('accepted');
    expect(outcome(site, { by: 'r', resources: backends('c') })).toEqual([
      'quota-exceeded',
      ['/resources/0'],
    ]);
  });

  it('is counted with those of the other projects of its org', () => {
    const site = given(declared(...ACME, quota(2, { org: 'acme' }), backend('x', 'shop')));
    expect(outcome(site, { by: 'p', resources: backends('a', 'b') })).toEqual([
      'quota-exceeded',
      ['/resources/1'],
    ]);
    expect(outcome(site, { by: 'p', resources: backends('a') })).toBe('accepted');
    site.when(deleted(backend('x', 'shop')));
    expect(outcome(site, { by: 'p', resources: backends('a', 'b') })).toBe('accepted');
  });
});

describe('a quota that comes or falls later', () => {
  it('takes nothing away, also not after the model was loaded anew', () => {
    const site = given(
      declared(...ACME, quota(3)),
      proposed({ by: 'p', resources: backends('a', 'b', 'c') }),
    );
    site.when(declared(quota(1)));
    expect(site.names().filter((name) => name.startsWith('Backend'))).toHaveLength(3);
    site.when(restarted());
    expect(outcome(site, { by: 'p', resources: backends('a', 'b', 'c') })).toBe('accepted');
    expect(outcome(site, { by: 'p', resources: backends('a', 'b') })).toBe('accepted');
    expect(outcome(site, { by: 'p', resources: backends('a', 'b', 'c') })).toEqual([
      'quota-exceeded',
      ['/resources/2'],
    ]);
  });

  it('counts what people declare beside parts, and what has ended no longer', () => {
    const site = given(
      declared(...ACME, quota(2)),
      proposed({ by: 'p', resources: backends('a'), ttlMs: 10 }),
    );
    site.when(declared(backend('mine'), backend('yours')));
    expect(outcome(site, { by: 'q', resources: backends('b') })).toEqual([
      'quota-exceeded',
      ['/resources/0'],
    ]);
    site.when(timePassed(10));
    site.when(deleted(backend('yours')));
    expect(outcome(site, { by: 'q', resources: backends('b') })).toBe('accepted');
  });

  it('counts an identity once, whoever says what it is', () => {
    const site = given(declared(...ACME, quota(2)), proposed({ by: 'p', resources: backends('a') }));
    site.when(declared(backend('a')));
    expect(outcome(site, { by: 'q', resources: backends('b') })).toBe('accepted');
    expect(outcome(site, { by: 'r', resources: backends('c') })).toEqual([
      'quota-exceeded',
      ['/resources/0'],
    ]);
  });
});

it.each([resource('Org', 'acme'), project('web', 'acme'), quota(1)])(
  'no part brings a resource like %j',
  (one) => {
    expect(() => validateProposed(one)).toThrow(CodedError);
    expect(() => validateProposed(one)).toThrow('is declared by people only');
    expect(validateProposed(backend('a'))).toEqual(backend('a'));
  },
);
