import { describe, expect, it } from '@jest/globals';
import { operationId, parseOperationId } from './operation-id.js';

describe('the id of an operation', () => {
  it('says what it was and which records tell of it', () => {
    expect(parseOperationId(operationId('revision', 17))).toEqual({ of: 'revision', seqs: [17] });
    expect(parseOperationId(operationId('sink', 4, 9))).toEqual({ of: 'sink', seqs: [4, 9] });
  });

  it.each([
    '',
    'revision',
    'revision-',
    'revision-0',
    'revision-1-2',
    'sink-1',
    'toString-1',
    'revision-9999999999999999',
  ])('%j is none', (id) => expect(parseOperationId(id)).toBeUndefined());
});
