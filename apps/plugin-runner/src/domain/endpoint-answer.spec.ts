import { describe, expect, it } from '@jest/globals';
import { type CodedError, ERRORS, isCausedByFacts } from '@signalbox/contracts';
import { type AnswerHead, throwUnlessOk } from './endpoint-answer.js';

function errorOf(head: AnswerHead, body?: string): CodedError | undefined {
  try {
    throwUnlessOk(head, body);
    return undefined;
  } catch (error) {
    return error as CodedError;
  }
}

describe('the status of an endpoint', () => {
  it('200 is an answer', () => {
    expect(errorOf({ status: 200 })).toBeUndefined();
  });

  it.each([400, 409, 413, 418, 422, 500, 599])('%i may be because of the facts', (status) => {
    const { code, message } = errorOf({ status })!;
    expect([code, isCausedByFacts(code), ERRORS[code].retryable]).toEqual(['plugin-exit', true, true]);
    expect(message).toBe(`answered ${status}`);
  });

  it.each([408, 425, 429, 502, 503, 504])('%i may pass, and has nothing to do with the facts', (status) => {
    const { code } = errorOf({ status })!;
    expect([code, isCausedByFacts(code), ERRORS[code].retryable]).toEqual([
      'plugin-unreachable',
      false,
      true,
    ]);
  });

  it.each([401, 403, 404, 405, 415, 501])('%i is about the request, whatever the facts', (status) => {
    const { code } = errorOf({ status })!;
    expect([code, isCausedByFacts(code)]).toEqual(['plugin-refused', false]);
  });

  it('is told with the first line of what was said', () => {
    expect(errorOf({ status: 422 }, '\n no such nic\r\nat x')?.message).toBe('answered 422: no such nic');
    expect(errorOf({ status: 422 }, ' \n')?.message).toBe('answered 422');
    expect(errorOf({ status: 500 }, 'x'.repeat(5000))?.message).toHaveLength('answered 500: '.length + 1024);
  });

  it('a redirect is told and not followed', () => {
    const { code, message } = errorOf({ status: 307, location: 'https://elsewhere.example/' })!;
    expect([code, message]).toEqual([
      'plugin-refused',
      'answered 307 and names https://elsewhere.example/: redirects are not followed, write the right URL',
    ]);
    expect(errorOf({ status: 304 })?.message).toMatch(/^answered 304: redirects/);
  });

  it.each([201, 202, 204])('%i carries no result', (status) => {
    expect(errorOf({ status })?.code).toBe('plugin-output-invalid');
  });
});
