import { readFileSync, writeFileSync } from 'node:fs';
import { CodedError, errorBody, ERRORS } from './errors.js';

const PAGE = 'docs/reference/errors.md';

/** The page is written from the table: `UPDATE_DOCS=1 npm run unit -- --testPathPatterns errors`. */
function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, retryable, title }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${title} |`,
  );
  return [
    '# Errors',
    '',
    'Every error carries one of these codes: in REST answers (`code`), NATS replies (`error.code`), run records and dead',
    'letters. `again` says whether the same request may succeed later without a change. The message beside the code says',
    'what, where and what to do; `errors[]` names the wrong fields by JSON Pointer.',
    '',
    '| code | HTTP | again | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

describe('the table of errors', () => {
  it('is what docs/reference/errors.md says', () => {
    const page = errorsPage();
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('gives an error its status, and keeps what was thrown as a body', () => {
    const error = new CodedError('unknown-group', 'no group x', [{ pointer: '/group', message: 'unknown' }]);
    expect(error).toMatchObject({ status: 404, retryable: false });
    expect(errorBody(error)).toEqual({
      code: 'unknown-group',
      message: 'no group x',
      errors: [{ pointer: '/group', message: 'unknown' }],
    });
    expect(errorBody(new Error('broken'))).toEqual({ code: 'internal', message: 'broken' });
    expect(errorBody('broken')).toEqual({ code: 'internal', message: 'broken' });
  });
});
