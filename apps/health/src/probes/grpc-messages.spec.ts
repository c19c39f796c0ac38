import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BrokenResponse } from './broken-response.js';
import { checkRequest, servingStatus } from './grpc-messages.js';

const message = (...bytes: number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);

describe('checkRequest', () => {
  it('is an empty message for the whole server', () => {
    expect(checkRequest('')).toEqual(message());
  });

  it('holds the service', () => {
    expect(checkRequest('a.B')).toEqual(message(0x0a, 3, 0x61, 0x2e, 0x42));
  });

  it('holds a service with a long name', () => {
    const request = checkRequest('x'.repeat(300));
    expect(request.readUInt32BE(1)).toBe(303);
    expect([...request.subarray(5, 8)]).toEqual([0x0a, 0xac, 0x02]);
  });
});

describe('servingStatus', () => {
  it.each([
    ['SERVING', [8, 1]],
    ['NOT_SERVING', [8, 2]],
    ['SERVICE_UNKNOWN', [8, 3]],
    ['UNKNOWN', []],
    ['status 300', [8, 0xac, 0x02]],
    ['SERVING', [8, 2, 8, 1]],
    ['SERVING', [0x10, 0x96, 1, 0x1a, 2, 8, 2, 0x25, 1, 2, 3, 4, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, 8, 1]],
  ])('%s', (status, bytes) => {
    expect(servingStatus(message(...bytes))).toBe(status);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a prefix', Buffer.from([0, 0, 0])],
    ['a compressed message', Buffer.from([1, 0, 0, 0, 0])],
    ['another length', Buffer.from([0, 0, 0, 0, 2, 8])],
    ['two messages', Buffer.concat([message(8, 1), message(8, 1)])],
    ['half a field', message(8)],
    ['an endless number', message(8, ...Array<number>(11).fill(0xff))],
    ['a field beyond the end', message(0x12, 9, 1)],
    ['a group', message(0x0b)],
  ])('does not take %s', (_, answer) => {
    expect(() => servingStatus(answer)).toThrow(BrokenResponse);
  });

  it('gives a status or throws BrokenResponse, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          expect(servingStatus(message(...bytes))).toEqual(expect.any(String));
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenResponse);
        }
      }),
    );
  });
});
