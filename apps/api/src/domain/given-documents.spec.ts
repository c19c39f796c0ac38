import { describe, expect, it } from '@jest/globals';
import { CodedError, joinedError } from '@signalbox/contracts';
import { surveyText } from './given-documents.js';
import type { GivenDocument } from './plan-changeset.js';

const thing = (name: string): object => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name },
  spec: {},
});
const bundle = (resources: readonly object[]): object => ({
  apiVersion: 'routerd.net/v1alpha1',
  kind: 'Router',
  metadata: { name: 'cloud' },
  spec: { resources },
});
const text = (...documents: object[]): string => documents.map((one) => JSON.stringify(one)).join('\n---\n');

/** The documents, or what is wrong with them as it is thrown. */
function readGivenDocuments(given: string): readonly GivenDocument[] {
  const { documents, failures } = surveyText(given);
  const [first, ...others] = failures;
  if (first) throw joinedError([first, ...others]);
  return documents;
}

describe('surveyText', () => {
  it('knows where each resource stands', () => {
    const documents = readGivenDocuments(text(thing('a'), bundle([thing('b'), thing('c')])));
    expect(documents.map(({ set }) => set)).toEqual([undefined, 'Router/cloud']);
    const places = documents.flatMap(({ resources }) => resources.map(({ pointer }) => pointer));
    expect(places).toEqual(['/0', '/1/spec/resources/0', '/1/spec/resources/1']);
  });

  it('reports the errors of all resources together', () => {
    const broken = { ...thing('x'), colour: 'red' };
    let error: unknown;
    try {
      readGivenDocuments(
        text(broken, thing('a'), bundle([thing('b'), { ...broken, metadata: { name: 'y' } }])),
      );
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(CodedError);
    const { code, message, errors } = error as CodedError;
    expect(code).toBe('validation-failed');
    expect(message).toContain('Thing/x');
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/0/colour', '/2/spec/resources/1/colour']);
  });

  it('points into a maglev.yaml in its own words', () => {
    const file = (spec: string): string =>
      `${JSON.stringify(thing('a'))}\n---\n{maglev: {backends: {b: ${spec}}}}`;
    const [, document] = readGivenDocuments(file('{address: 10.0.0.1, depends-on: [c]}'));
    expect(document?.set).toBe('maglev');
    const [backend] = document?.resources ?? [];
    expect(backend?.pointer).toBe('/1/maglev/backends/b');
    expect(backend?.pointerTo?.('/spec/dependsOn/0')).toBe('/1/maglev/backends/b/depends-on/0');
    let error: unknown;
    try {
      readGivenDocuments(file('{address: 10.0.0.1, depends-on: [b]}'));
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      code: 'validation-failed',
      errors: [{ pointer: '/1/maglev/backends/b/depends-on/0' }],
    });
    expect(() => readGivenDocuments('maglev: {nets: {}}')).toThrow('/0/maglev/nets');
  });

  it.each(['', '# only a comment', '---\n---\n'])('refuses a text that gives nothing: %j', (nothing) => {
    expect(() => readGivenDocuments(nothing)).toThrow('nothing is given');
  });

  it('takes an empty bundle', () => {
    expect(readGivenDocuments(text(bundle([])))).toEqual([{ set: 'Router/cloud', resources: [] }]);
  });
});
