import { describe, expect, it } from '@jest/globals';
import { CodedError } from './errors.js';
import { readConfigPlanQuestion, readHealthPlanQuestion, readWeightPlanQuestion } from './plan-requests.js';

const REF = { apiVersion: 'example.net/v1', kind: 'Note', project: 'default', name: 'n' };
const RESOURCE = { apiVersion: 'example.net/v1', kind: 'Note', metadata: { name: 'n' }, spec: { text: 'a' } };
const CHANGES = [
  { op: 'put', resource: RESOURCE, set: 'notes' },
  { op: 'delete', ref: { ...REF, name: 'm' } },
];

function bytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

describe('questions for what would follow', () => {
  it('are read as they were sent', () => {
    const question = { revision: 7, changes: CHANGES };
    expect(readConfigPlanQuestion(bytes(question))).toEqual(question);
    expect(readHealthPlanQuestion(bytes({ changes: CHANGES }))).toEqual({ changes: CHANGES });
    const weights = { changes: [], states: [{ backend: 'shop/b', state: 'disabled' }] };
    expect(readWeightPlanQuestion(bytes(weights))).toEqual(weights);
  });

  it.each<[string, (data: Uint8Array) => unknown, object, string]>([
    ['without a revision', readConfigPlanQuestion, { changes: [] }, '/revision'],
    ['without changes', readHealthPlanQuestion, {}, '/changes'],
    [
      'of another operation',
      readHealthPlanQuestion,
      { changes: [{ op: 'move', ref: REF }] },
      '/changes/0/op',
    ],
    [
      'of no state',
      readWeightPlanQuestion,
      { changes: [], states: [{ backend: 'b', state: 'sick' }] },
      '/states/0/state',
    ],
    [
      'of half a resource',
      readConfigPlanQuestion,
      { revision: 1, changes: [{ op: 'put', resource: { ...RESOURCE, kind: undefined } }] },
      '/changes/0/resource/kind',
    ],
  ])('%s are refused', (_what, read, question, pointer) => {
    let refused: unknown;
    try {
      read(bytes(question));
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(CodedError);
    expect(refused).toMatchObject({ code: 'validation-failed', errors: [{ pointer }] });
  });
});
