import { describe, expect, it } from '@jest/globals';
import { CodedError } from '@signalbox/contracts';
import { ErrorCode, NatsError } from 'nats';
import { isUnavailable, saysItIsAway } from './unavailable.js';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('isUnavailable', () => {
  it.each([
    ...['57P01', '57P03', '53300', '08006', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'],
    // its disk is full, its memory is used up
    ...['53100', '53200'],
    // the resolver or the way there is away: a site that is offline, a host that starts
    ...['EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ])('%s may work later', (code) => expect(isUnavailable(withCode(code))).toBe(true));

  it.each(['23505', '42P01', '28P01'])('%s will not', (code) =>
    expect(isUnavailable(withCode(code))).toBe(false),
  );
});

describe('X22 isUnavailable', () => {
  it.each([
    ['a request to JetStream that timed out', NatsError.errorForCode(ErrorCode.Timeout)],
    ['a connection to NATS that is closed', NatsError.errorForCode(ErrorCode.ConnectionClosed)],
    [
      'an ack that did not come',
      new CodedError('nats-unavailable', 'no ack: the connection to NATS was lost'),
    ],
  ])('%s is not Postgres', (_what, error) => expect(isUnavailable(error)).toBe(false));

  it('knows what was coded already', () =>
    expect(isUnavailable(new CodedError('store-unavailable', 'away'))).toBe(true));
});

describe('saysItIsAway', () => {
  it('is about Postgres itself, not about one connection', () => {
    expect(saysItIsAway(withCode('57P03'))).toBe(true);
    expect(saysItIsAway(withCode('ECONNRESET'))).toBe(false);
    expect(saysItIsAway(undefined)).toBe(false);
  });
});
