import { expect, it } from '@jest/globals';
import { CodedError, errorBody, ERRORS } from './errors.js';

it('every code has a status, a title and says whether to try again', () => {
  for (const [code, { status, title }] of Object.entries(ERRORS)) {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^\S.*[^.\s]$/);
  }
});

it('a coded error is recorded with its code, another as internal', () => {
  const cause = new Error('socket closed');
  const error = new CodedError('not-ready', 'wait', [{ pointer: '/a', message: 'b' }], { cause });
  expect(errorBody(error)).toEqual({
    code: 'not-ready',
    message: 'wait',
    errors: [{ pointer: '/a', message: 'b' }],
  });
  expect([error.status, error.retryable, error.cause]).toEqual([503, true, cause]);
  expect(errorBody(new CodedError('replay', 'seen'))).toEqual({ code: 'replay', message: 'seen' });
  expect(errorBody(cause)).toEqual({ code: 'internal', message: 'socket closed' });
  expect(errorBody('odd')).toEqual({ code: 'internal', message: 'odd' });
});
