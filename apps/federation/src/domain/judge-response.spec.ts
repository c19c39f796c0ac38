import { describe, expect, it } from '@jest/globals';
import { judgeResponse } from './judge-response.js';

describe('T28 judgeResponse', () => {
  it.each([200, 201, 202, 204, 299])('%i delivers', (status) => {
    expect(judgeResponse({ status, text: '' })).toEqual({ kind: 'delivered', duplicate: false });
  });

  it('takes over whether the peer had the fact', () => {
    const text = '{"accepted":true,"id":"evt-1","duplicate":true}';
    expect(judgeResponse({ status: 200, text })).toEqual({ kind: 'delivered', duplicate: true });
    expect(judgeResponse({ status: 200, text: 'null' })).toEqual({ kind: 'delivered', duplicate: false });
  });

  it.each([400, 409, 413])('%i judges the fact', (status) => {
    expect(judgeResponse({ status, text: '{"accepted":false,"code":"group-mismatch","id":"x"}' })).toEqual({
      kind: 'dead',
      error: { code: 'peer-refused-fact', message: `the peer answered ${status}: group-mismatch` },
    });
  });

  it('X12 quotes what the peer says about the fact', () => {
    const text =
      '{"accepted":false,"code":"bad-grammar","id":"x","message":"the fact is not valid: /id is too long"}';
    expect(judgeResponse({ status: 400, text })).toMatchObject({
      error: { message: 'the peer answered 400: bad-grammar: the fact is not valid: /id is too long' },
    });
  });

  it.each([401, 403, 404])('%i judges us', (status) => {
    expect(judgeResponse({ status, text: 'bad signature\n' })).toEqual({
      kind: 'refused',
      error: { code: 'peer-refused-us', message: `the peer answered ${status}: bad signature` },
    });
  });

  it.each([301, 302, 402, 405, 410, 422])('%i loses nothing: it judges us', (status) => {
    expect(judgeResponse({ status, text: '' }).kind).toBe('refused');
  });

  it.each([408, 429, 500, 502, 503, 504, 507])('%i may pass', (status) => {
    expect(judgeResponse({ status, text: '' })).toEqual({
      kind: 'retry',
      error: { code: 'peer-unreachable', message: `the peer answered ${status}` },
    });
  });

  it('no answer may pass', () => {
    expect(judgeResponse({ failure: 'connect ECONNREFUSED' })).toEqual({
      kind: 'retry',
      error: { code: 'peer-unreachable', message: 'no answer: connect ECONNREFUSED' },
    });
  });

  it('a replay needs a new timestamp only', () => {
    const text = '{"accepted":false,"code":"replay","id":"x"}';
    expect(judgeResponse({ status: 409, text }).kind).toBe('retry');
  });

  it('quotes no more than a line of an answer', () => {
    const verdict = judgeResponse({ status: 400, text: 'x'.repeat(5000) });
    expect(verdict.kind === 'dead' && verdict.error.message.length).toBeLessThan(250);
  });
});
