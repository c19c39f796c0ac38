import { describe, expect, test } from '@jest/globals';
import { CodedError } from '@signalbox/contracts';
import { NO_REDACTION, Redaction } from './redaction.js';

const hiding = (...secrets: string[]): Redaction => new Redaction(secrets.map((text) => Buffer.from(text)));

describe('P17 what a plugin says is told without its secrets', () => {
  test.each([
    ['the text', 'hunter22\n', 'the key is hunter22\n', 'the key is [redacted]\n'],
    ['twice', 'hunter22', 'hunter22hunter22', '[redacted][redacted]'],
    ['the whole of a short one only', 'ab1\n', 'ab1, ab1\nab', 'ab1, [redacted]ab'],
    ['a short one without a line feed', 'ab1', 'xab1y', 'x[redacted]y'],
    ['each line of a long one', 'first-line\nx\nsecond-line\n', 'at second-line: x', 'at [redacted]: x'],
    ['lines of Windows', 'first-line\r\nsecond-line\r\n', '"first-line"', '"[redacted]"'],
    ['as JSON writes it', 'a"b\\c\td', '{"key":"a\\"b\\\\c\\td"}', '{"key":"[redacted]"}'],
    ['what reads as a pattern', '(.*)+[x]', 'a (.*)+[x] b', 'a [redacted] b'],
    ['characters of several bytes', 'pässwörd', 'x pässwörd à', 'x [redacted] à'],
    ['a short one of several bytes', 'äöü', 'xäöü', 'x[redacted]'],
    ['a word of what stands in its place', 'redacted', 'redacted', '[redacted]'],
  ])('%s', (_, secret, said, told) => {
    expect(hiding(secret).text(said)).toBe(told);
  });

  test('of two secrets, one inside the other, nothing is left', () => {
    expect(hiding('secret', 'my-secret-key').text('my-secret-key and secret')).toBe(
      '[redacted] and [redacted]',
    );
  });

  test('of 64 KiB, of one line and of many', () => {
    const long = 'k'.repeat(64 * 1024);
    const many = `${'many-lines\n'.repeat(5000)}end`;
    const told = hiding(long, many).text(`${long} ${many} many-lines`);
    expect(told).toBe('[redacted] [redacted] many-lines');
  });

  test('bytes that are no text', () => {
    const key = Buffer.from([0xff, 0, 1, 2, 3, 4, 5, 0xfe]);
    const told = new Redaction([key]).bytes(Buffer.concat([Buffer.from('a'), key, Buffer.from('ü')]));
    expect(told.toString()).toBe('a[redacted]ü');
  });

  test('an error, with its fields and without its cause', () => {
    const error = new CodedError('plugin-exit', 'no hunter22', [{ pointer: '/a', message: 'hunter22' }], {
      cause: new Error('hunter22'),
    });
    const told = hiding('hunter22').error(error);
    expect(told.toBody()).toEqual({
      code: 'plugin-exit',
      message: 'no [redacted]',
      errors: [{ pointer: '/a', message: '[redacted]' }],
    });
    expect(told.cause).toBeUndefined();
    const other = new CodedError('plugin-exit', 'fine');
    expect(hiding('hunter22').error(other)).toBe(other);
  });

  test('without secrets everything stays as it is', () => {
    const bytes = Buffer.from('anything');
    expect(NO_REDACTION.bytes(bytes)).toBe(bytes);
    expect(NO_REDACTION.text('anything')).toBe('anything');
    expect(new Redaction([Buffer.alloc(0)]).isEmpty).toBe(true);
  });
});

describe('where a value holds a secret', () => {
  const places = (secret: string, value: unknown): string[] => [...hiding(secret).placesIn(value, '/status')];

  test('in texts and keys, at any depth', () => {
    const value = { resources: [{ a: 'x' }, { 'b/c': ['y', 'is hunter22!'] }, { hunter22: 1 }] };
    expect(places('hunter22\n', value)).toEqual(['/status/resources/1/b~1c/1', '/status/resources/2']);
  });

  test('of fewer than 6 characters it is found nowhere', () => {
    expect(places('12345', { port: '12345' })).toEqual([]);
    expect(places('123456', { port: '123456' })).toEqual(['/status/port']);
  });
});
