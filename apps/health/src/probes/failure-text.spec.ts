import { expect, it } from '@jest/globals';
import { failureText, readable } from './failure-text.js';

it('tells a failure in words', () => {
  const error = (code: string, more = {}) => Object.assign(new Error('message'), { code, ...more });
  expect(failureText(error('ECONNREFUSED'))).toBe('connection refused');
  expect(failureText(error('ERR_SSL_WRONG_VERSION_NUMBER', { reason: 'wrong version number' }))).toBe(
    'wrong version number',
  );
  expect(failureText(error('ERR_TLS_CERT_ALTNAME_INVALID', { reason: 'Host: x' }))).toBe('message');
  expect(failureText(new Error('message'))).toBe('message');
});

it('keeps a detail to one line of 200 characters that can be stored', () => {
  expect(readable(' a\r\n\0b\tc ')).toBe('a b c');
  expect(readable('x'.repeat(300))).toHaveLength(200);
  expect(readable(`${'x'.repeat(199)}😀`)).toBe(`${'x'.repeat(199)}\uFFFD`);
});
