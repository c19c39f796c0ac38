import { expect, test } from '@jest/globals';
import { CodedError, findRepeatedKey } from '@signalbox/contracts';
import fc from 'fast-check';
import { decodeOutput } from './decode-output.js';

function refusal(text: string): CodedError {
  try {
    decodeOutput(text);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

test('JSON and YAML give the same values', () => {
  const value = { a: 1, b: [true, null, 'x'], c: { d: '10s' } };
  expect(decodeOutput(JSON.stringify(value))).toEqual(value);
  expect(decodeOutput('a: 1\nb: [true, null, x]\nc:\n  d: 10s\n')).toEqual(value);
  expect(decodeOutput('---\na: 1\n')).toEqual({ a: 1 });
});

test('YAML 1.2 core: yes, no and dates stay text', () => {
  expect(decodeOutput('a: yes\nb: no\nc: 2026-05-30\n')).toEqual({ a: 'yes', b: 'no', c: '2026-05-30' });
});

test.each([
  ['nothing', ' \n', 'wrote nothing'],
  ['P3: half a document', '{', 'not valid YAML'],
  ['two documents', 'a: 1\n---\nb: 2\n', 'multiple documents'],
  ['two JSON documents', '{"a":1}\n{"a":2}\n', 'not valid YAML'],
  ['a custom tag', 'a: !secret x\n', 'Unresolved tag'],
  ['a binary tag', 'a: !!binary aGk=\n', 'Unresolved tag'],
  ['a map as key', '? {a: 1}\n: 2\n', 'must be strings'],
  ['an alias as key', 'a: &k x\n*k : 2\n', 'key'],
  ['a key twice in YAML', 'a: 1\nb: {c: 1, c: 2}\n', 'the key "c" twice'],
  ['a key twice in JSON', '{"a":{"b":1,"b":2}}', 'the key "b" twice'],
  ['a key twice in other spellings', '{"b":1, "\\u0062" : 2}', 'the key "b" twice'],
  ['infinity in YAML', 'a: .inf\n', '/a must be a finite number'],
  ['infinity in JSON', '{"a":[1e999]}', '/a/0 must be a finite number'],
  ['NUL', '{"a":"x\\u0000"}', '/a must be well-formed text'],
  ['half a surrogate pair', '{"a":"\\ud800"}', '/a must be well-formed text'],
  ['NUL in a key', '{"a\\u0000":1}', 'key that cannot be kept'],
  ['__proto__', '{"__proto__":{"x":1}}', 'key that cannot be kept'],
  ['deep JSON', '['.repeat(5000) + ']'.repeat(5000), 'nested too deeply'],
  ['deep YAML', '- '.repeat(20_000) + 'a', 'YAML'],
])('%s is refused', (_, text, message) => {
  const error = refusal(text);
  expect(error.code).toBe('plugin-output-invalid');
  expect(error.message).toContain(message);
  expect(error.message).not.toMatch(/[\0\p{Cs}]/u);
});

test('aliases may not expand without bound', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level += 1)
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  expect(refusal(lines.join('\n')).message).toMatch(/alias/i);
});

test('the same key in different objects of JSON is fine', () => {
  const text = '[{"a":1,"b":{"a":"\\"a\\":"}},{"a":["a","a"]}]';
  expect(findRepeatedKey(text)).toBeUndefined();
});

test('law: a JSON text that was written from a value repeats no key, and decodes to it', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', '{', ']', ':', ',', ' ', 'é') });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      texts,
      fc.integer(),
      fc.array(tie('value')),
      fc.dictionary(texts, tie('value'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2), (given, indent) => {
      const text = JSON.stringify(given, null, indent);
      expect(findRepeatedKey(text)).toBeUndefined();
      expect(decodeOutput(text)).toEqual(given);
    }),
  );
});
