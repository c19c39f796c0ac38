import { describe, expect, it } from '@jest/globals';
import { CodedError } from './errors.js';
import { readConfigPlanQuestion, readWeightPlanQuestion } from './plan-requests.js';

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
    expect(readWeightPlanQuestion(bytes({ changes: CHANGES }))).toEqual({ changes: CHANGES });
    expect(readWeightPlanQuestion(bytes({ changes: [] }))).toEqual({ changes: [] });
  });

  it.each<[string, (data: Uint8Array) => unknown, object, string]>([
    ['without a revision', readConfigPlanQuestion, { changes: [] }, '/revision'],
    ['without changes', readWeightPlanQuestion, {}, '/changes'],
    [
      'of another operation',
      readWeightPlanQuestion,
      { changes: [{ op: 'move', ref: REF }] },
      '/changes/0/op',
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
