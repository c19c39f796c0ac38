import { describe, expect, it } from '@jest/globals';
import {
  readBackendCommand,
  readBackendQuestion,
  readHeartbeat,
  readHeartbeatBody,
  readWeightRequest,
} from './balance-requests.js';
import { CodedError } from './errors.js';

const COMMAND = { backend: 'b', command: 'disable', author: 'ann', reason: 'disks' };
const WEIGHT = { frontend: 'f', pool: 'p', backend: 'b', weight: 20, author: 'ann' };

function bytes(value: unknown): Uint8Array {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function refusal(read: (data: Uint8Array) => unknown, value: unknown): CodedError {
  try {
    read(bytes(value));
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('requests to health and balancer', () => {
  it('are read as they were sent', () => {
    expect(readBackendCommand(bytes(COMMAND))).toEqual(COMMAND);
    expect(readHeartbeat(bytes({ backend: 'b', ok: false }))).toEqual({ backend: 'b', ok: false });
    expect(readHeartbeatBody(bytes(''))).toEqual({});
    expect(readHeartbeatBody(bytes({ detail: 'full' }))).toEqual({ detail: 'full' });
    expect(readBackendQuestion(bytes({ backend: 'b' }))).toEqual({ backend: 'b' });
    for (const weight of [0, 100, null])
      expect(readWeightRequest(bytes({ ...WEIGHT, weight }))).toEqual({ ...WEIGHT, weight });
    expect(readWeightRequest(bytes({ ...WEIGHT, expiresAt: '2026-05-30T12:00:00Z' }))).toBeTruthy();
  });

  it.each<[string, (data: Uint8Array) => unknown, object, string]>([
    ['a command without an author', readBackendCommand, { ...COMMAND, author: undefined }, '/author'],
    ['a command by nobody', readBackendCommand, { ...COMMAND, author: ' ' }, '/author'],
    ['a command that there is not', readBackendCommand, { ...COMMAND, command: 'explode' }, '/command'],
    ['a reason that is no text', readBackendCommand, { ...COMMAND, reason: 5 }, '/reason'],
    ['a reason that cannot be kept', readBackendCommand, { ...COMMAND, reason: 'a\u0000' }, '/reason'],
    ['a member that nobody knows', readBackendCommand, { ...COMMAND, force: true }, '/force'],
    ['a heartbeat that is neither', readHeartbeat, { backend: 'b', ok: 'yes' }, '/ok'],
    ['a weight beyond 100', readWeightRequest, { ...WEIGHT, weight: 101 }, '/weight'],
    ['half a weight', readWeightRequest, { ...WEIGHT, weight: 0.5 }, '/weight'],
    ['no weight at all', readWeightRequest, { ...WEIGHT, weight: undefined }, '/weight'],
    ['an end that is no time', readWeightRequest, { ...WEIGHT, expiresAt: 'soon' }, '/expiresAt'],
  ])('refuses %s', (_what, read, value, pointer) => {
    const { code, errors } = refusal(read, value);
    expect(code).toBe('validation-failed');
    expect(errors.map((error) => error.pointer)).toContain(pointer);
  });

  it('X2, X3 refuse what is not UTF-8 and a key given twice, with the place', () => {
    expect(() => readHeartbeatBody(Buffer.from('{"detail":"\xe9"}', 'latin1'))).toThrow(
      expect.objectContaining({ code: 'bad-text', message: expect.stringContaining('offset 11') }),
    );
    expect(refusal(readHeartbeatBody, '{"ok":true,"ok":false}')).toMatchObject({
      code: 'bad-json',
      message: expect.stringContaining('the key "ok" is given twice'),
      errors: [{ pointer: '/ok', message: 'is given twice in one object' }],
    });
  });

  it.each(['{', 'null', '5', '[]', '{"backend":"a","backend":"b"}'])('refuses %s', (text) => {
    expect(['bad-json', 'validation-failed']).toContain(refusal(readBackendQuestion, text).code);
  });
});
