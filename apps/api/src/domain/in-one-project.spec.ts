import { describe, expect, it } from '@jest/globals';
import { BALANCE_API } from '@signalbox/contracts';
import { surveyText } from './given-documents.js';

const pool = (name: string, project?: string): object => ({
  apiVersion: BALANCE_API,
  kind: 'Pool',
  metadata: { name, ...(project !== undefined && { project }) },
  spec: {},
});
const bundle = (...resources: readonly object[]): object => ({
  apiVersion: 'routerd.net/v1alpha1',
  kind: 'Router',
  metadata: { name: 'shop' },
  spec: { resources },
});
const survey = (...documents: readonly object[]) =>
  surveyText(documents.map((one) => JSON.stringify(one)).join('\n---\n'), 'web');

describe('a text that is given in one project', () => {
  it('puts there what names no project, and its bundles are sets of the project', () => {
    const { documents, failures } = survey(pool('a'), bundle(pool('b', 'web')));
    expect(failures).toEqual([]);
    expect(documents.map(({ set }) => set)).toEqual([undefined, 'web/Router/shop']);
    const placed = documents.flatMap(({ resources }) => resources.map(({ resource }) => resource.metadata));
    expect(placed).toEqual([
      { name: 'a', project: 'web' },
      { name: 'b', project: 'web' },
    ]);
  });

  it.each(['other', 'default'])('must not name the project %s', (project) => {
    const { failures } = survey(pool('a'), bundle(pool('b', project)));
    expect(failures.flatMap(({ errors }) => errors)).toEqual([
      {
        pointer: '/1/spec/resources/0/metadata/project',
        message: 'must be web, or left out: nothing else is changed here',
      },
    ]);
  });

  it('has nothing of the whole site, and what is no resource is told as ever', () => {
    const site = { apiVersion: BALANCE_API, kind: 'Org', metadata: { name: 'acme' }, spec: {} };
    const { failures } = survey(site, { metadata: 'x' }, pool('a'));
    const pointers = failures.flatMap(({ errors }) => errors.map(({ pointer }) => pointer));
    expect(pointers).toContain('/0/metadata/project');
    expect(pointers).toContain('/1/metadata');
  });
});
