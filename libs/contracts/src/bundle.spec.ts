import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { parseDocuments, toRouterDocument } from './bundle.js';
import { pointerIn } from './document.js';
import { CodedError } from './errors.js';
import { sample, samples } from './kinds/sample-resources.fixture.js';
import type { Resource } from './resource.js';
import { validateResources } from './validate.js';

const RECEIVER = `
apiVersion: routerd.net/v1alpha1
kind: Router
metadata:
  name: cloudedge-receiver
spec:
  resources:
    - apiVersion: federation.routerd.net/v1alpha1
      kind: EventGroup
      metadata: { name: cloudedge }
      spec: { nodeName: cloud-router }
    - apiVersion: net.routerd.net/v1alpha1
      kind: WireGuardInterface
      metadata:
        name: wg-hybrid
      spec:
        privateKeyFile: /usr/local/etc/secrets/wg-hybrid.key
        listenPort: 51820
        since: 2026-05-30T12:00:00Z
        flags: [yes, no, 0x1f, 007, ~, "1", 1.50]
        __proto__: { a: 1 }
`;

function refusal(text: string): CodedError {
  try {
    parseDocuments(text);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parseDocuments', () => {
  it('keeps an unknown kind of a Router bundle as it is', () => {
    const [document, ...rest] = parseDocuments(RECEIVER);
    expect(rest).toEqual([]);
    expect(document?.set).toBe('Router/cloudedge-receiver');
    const [, wireguard] = validateResources(document?.resources ?? []);
    expect(JSON.stringify(wireguard?.spec)).toBe(
      '{"privateKeyFile":"/usr/local/etc/secrets/wg-hybrid.key","listenPort":51820,"since":"2026-05-30T12:00:00Z",' +
        '"flags":["yes","no",31,7,null,"1",1.5],"__proto__":{"a":1}}',
    );
  });

  it('reads many documents and skips empty ones', () => {
    const plugin = stringify(sample('Plugin'));
    const documents = parseDocuments(`---\n# nothing\n---\n${plugin}\n---\n---\n${RECEIVER}...\n`);
    expect(documents.map(({ set, resources }) => [set, resources.length])).toEqual([
      [undefined, 1],
      ['Router/cloudedge-receiver', 2],
    ]);
    expect(parseDocuments('')).toEqual([]);
    expect(parseDocuments('# only a comment\n')).toEqual([]);
  });

  it('reads JSON', () => {
    const json = JSON.stringify(sample('Plugin'), null, '\t');
    expect(parseDocuments(json)).toEqual([{ resources: [sample('Plugin')] }]);
  });

  it('owns an empty set', () => {
    const text =
      '{"apiVersion":"routerd.net/v1alpha1","kind":"Router","metadata":{"name":"a"},"spec":{"resources":[]}}';
    expect(parseDocuments(text)).toEqual([{ set: 'Router/a', resources: [] }]);
  });

  it.each<[string, string, string[]]>([
    ['a document that is text', 'hello', ['/0']],
    ['a list of resources', '- a: 1', ['/0']],
    ['a second document that is a number', `${RECEIVER}---\n7`, ['/1']],
    [
      'a Router of another version',
      RECEIVER.replace('routerd.net/v1alpha1', 'routerd.net/v2'),
      ['/0/apiVersion'],
    ],
    [
      'a Router without a name',
      RECEIVER.replace('name: cloudedge-receiver', 'labels: {}'),
      ['/0/metadata/name'],
    ],
    [
      'a Router without resources',
      'apiVersion: routerd.net/v1alpha1\nkind: Router\nmetadata: {name: a}\nspec: {}',
      ['/0/spec/resources'],
    ],
    [
      'a Router whose resources are an object',
      'apiVersion: routerd.net/v1alpha1\nkind: Router\nmetadata: {name: a}\nspec: {resources: {}}',
      ['/0/spec/resources'],
    ],
    [
      'a resource that is text',
      'apiVersion: routerd.net/v1alpha1\nkind: Router\nmetadata: {name: a}\nspec: {resources: [a]}',
      ['/0/spec/resources/0'],
    ],
    [
      'an unknown field of a Router',
      RECEIVER.replace('spec:\n  resources', 'spec:\n  apply: {}\n  resources'),
      ['/0/spec/apply'],
    ],
  ])('refuses %s', (_what, text, pointers) => {
    const error = refusal(text);
    expect(error.code).toBe('validation-failed');
    expect(error.errors.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('reads a maglev.yaml as a document of the set maglev', () => {
    const text = 'maglev: {backends: {a: {address: 10.0.0.1, depends-on: [b]}}}';
    const [, document] = parseDocuments(`${stringify(sample('Plugin'))}---\n${text}`);
    const { set, resources } = document!;
    expect(set).toBe('maglev');
    expect(resources).toEqual([
      {
        apiVersion: 'balance.signalbox.dev/v1alpha1',
        kind: 'Backend',
        metadata: { name: 'a' },
        spec: { address: '10.0.0.1', dependsOn: ['b'] },
      },
    ]);
    expect(pointerIn(document!, 0, '/spec/dependsOn/0')).toBe('/maglev/backends/a/depends-on/0');
  });

  it('refuses a maglev.yaml of another shape with its own code', () => {
    const error = refusal(`${stringify(sample('Plugin'))}---\nmaglev: {backends: {a: {port: 1}}, nets: {}}`);
    expect(error.code).toBe('bad-maglev');
    expect(error.errors.map(({ pointer }) => pointer)).toEqual([
      '/1/maglev/nets',
      '/1/maglev/backends/a/port',
    ]);
  });

  it('refuses a resource that a maglev.yaml declares as well', () => {
    const backend = stringify(sample('Backend', { metadata: { name: 'a' } }));
    const error = refusal(`maglev: {backends: {a: {address: 10.0.0.1}}}\n---\n${backend}`);
    expect(error.code).toBe('duplicate-resource');
    expect(error.errors).toEqual([
      { pointer: '/1', message: 'Backend/a is already given at /0/maglev/backends/a' },
    ]);
  });

  it('refuses one identity given twice in all documents', () => {
    const group = stringify(sample('EventGroup', { metadata: { name: 'cloudedge', project: 'default' } }));
    const error = refusal(`${group}\n---\n${RECEIVER}`);
    expect(error.code).toBe('duplicate-resource');
    expect(error.errors).toEqual([
      { pointer: '/1/spec/resources/0', message: 'EventGroup/cloudedge is already given at /0' },
    ]);
    expect(refusal(`${RECEIVER}---${RECEIVER}`).errors.map(({ pointer }) => pointer)).toContain('/1');
  });

  it('leaves what has no identity to validation', () => {
    expect(parseDocuments('kind: A\n---\nmetadata: 1\n---\nmetadata: {name: 1}')).toHaveLength(3);
  });
});

describe('toRouterDocument', () => {
  it('prints the same bundle whatever the order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(samples(), { minLength: samples().length }), (shuffled) => {
        expect(toRouterDocument('edge', shuffled)).toEqual(toRouterDocument('edge', samples()));
      }),
    );
  });

  it('sorts by apiVersion, kind, project and name', () => {
    const widget = (name: string, project?: string): Resource => ({
      apiVersion: 'b/v1',
      kind: 'B',
      metadata: { name, ...(project !== undefined && { project }) },
      spec: {},
    });
    const { spec } = toRouterDocument('a', [widget('b'), widget('a', 'z'), widget('a'), widget('a', 'a')]);
    expect(spec.resources.map(({ metadata }) => `${metadata.project ?? ''}/${metadata.name}`)).toEqual([
      'a/a',
      '/a',
      '/b',
      'z/a',
    ]);
  });

  it('is read back as the same set', () => {
    const document = toRouterDocument('edge', samples());
    expect(parseDocuments(stringify(document))).toEqual([
      { set: 'Router/edge', resources: document.spec.resources },
    ]);
    expect(parse(stringify(document))).toEqual(document);
  });
});
