import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { CodedError } from './errors.js';
import { readYaml, YAML_LIMITS } from './yaml-text.js';

function refusal(text: string): CodedError {
  try {
    readYaml(text);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('readYaml', () => {
  it('reads back what JSON and YAML write', () => {
    const values = fc
      .jsonValue({ maxDepth: 4 })
      .map((value) => ({ value: JSON.parse(JSON.stringify(value)) as unknown }));
    fc.assert(
      fc.property(values, (value) => {
        expect(readYaml(JSON.stringify(value))).toEqual([value]);
        expect(readYaml(`--- # as YAML\n${JSON.stringify(value)}`)).toEqual([value]);
        expect(readYaml(stringify(value, { aliasDuplicateObjects: false }))).toEqual([value]);
      }),
    );
  });

  it('knows the core schema only', () => {
    expect(
      readYaml('%YAML 1.1\n---\na: yes\nb: 2026-05-30\nc: 1_000\n1: one\ntrue: t\n"<<": {d: 1}'),
    ).toEqual([{ a: 'yes', b: '2026-05-30', c: '1_000', '1': 'one', true: 't', '<<': { d: 1 } }]);
  });

  it.each([
    ['an object', 'a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}', { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
    ['whatever the order', 'a: &x {b: 1, c: 2}\nd: {c: 3, <<: *x}', { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
    ['one written there', 'd: {<<: {b: 1}, c: 3}', { d: { b: 1, c: 3 } }],
    ['several, the first counts', 'a: &x {b: 1}\ne: &y {b: 2, f: 3}\nd: {<<: [*x, *y]}', undefined],
    ['one that merges itself', 'a: &x {b: 1}\ne: &y {<<: *x, f: 3}\nd: {<<: *y}', undefined],
  ])('X36 merges %s', (_what, text, value) => {
    const ofSeveral = { a: { b: 1 }, e: expect.objectContaining({ f: 3 }), d: { b: 1, f: 3 } };
    expect(readYaml(text)).toEqual([value ?? ofSeveral]);
  });

  it('X36 a key "<<" of JSON or in quotes is data', () => {
    expect(readYaml('{"<<": {"a": 1}}')).toEqual([{ '<<': { a: 1 } }]);
    expect(readYaml('"<<": {a: 1}')).toEqual([{ '<<': { a: 1 } }]);
  });

  it('X36 merges no prototype', () => {
    const [value] = readYaml('a: &x {__proto__: {polluted: 1}}\nb: {<<: *x}') as [Record<string, object>];
    expect(JSON.stringify(value['b'])).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('unfolds aliases', () => {
    expect(readYaml('a: &x {b: [1]}\nc: *x')).toEqual([{ a: { b: [1] }, c: { b: [1] } }]);
  });

  it('keeps odd keys as plain data', () => {
    const [value] = readYaml('__proto__: {polluted: 1}\nconstructor: {a: 1}');
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1},"constructor":{"a":1}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each<[string, string, number, number]>([
    ['broken syntax', 'a: 1\nb: [1', 2, 6],
    ['broken JSON', '{"a": 1,\n "b": }}', 2, 8],
    ['two JSON documents in a row', '{"a":1}\n{"b":2}', 2, 1],
    ['a key given twice', 'a: 1\nb:\n  c: 1\n  c: 2', 4, 3],
    ['a JSON key given twice', '{"a": {"b": 1,\n"b": 1}}', 2, 1],
    ['__proto__ given twice', '__proto__: 1\n"__proto__": 2', 2, 1],
    ['a custom tag', 'a: !secret x', 1, 4],
    ['a binary', 'a: !!binary aGk=', 1, 4],
    ['a tagged timestamp', 'a: !!timestamp 2026-05-30', 1, 4],
    ['a key that is a list', '? [a]\n: b', 1, 3],
    ['X36 a merge of a list', 'a: &x [1]\nb: {<<: *x}', 2, 9],
    ['X36 a merge of text', 'b: {<<: x}', 1, 9],
    ['X36 a merge of a list of texts', 'a: &x {}\nb: {<<: [*x, y]}', 2, 14],
    ['X36 two merge keys', 'a: &x {}\nb: {<<: *x, <<: *x}', 2, 13],
    ['X36 a merge of itself', 'a: &x {<<: *x}', 1, 12],
    ['X36 a merge without an anchor', 'a: {<<: *x}', 1, 9],
    ['an alias inside its anchor', 'a: &x [1, *x]', 1, 11],
    ['an alias without an anchor', 'a: *x', 1, 4],
    ['a list 65 deep', '['.repeat(65) + ']'.repeat(65), 1, 65],
  ])('refuses %s', (_what, text, line, column) => {
    const error = refusal(text);
    expect(error.code).toBe('bad-yaml');
    expect(error.message).toContain(`(line ${line}, column ${column})`);
  });

  it('accepts 64 levels in every style', () => {
    const { depth } = YAML_LIMITS;
    expect(readYaml('['.repeat(depth) + ']'.repeat(depth))).toHaveLength(1);
    expect(readYaml(`--- ${'['.repeat(depth)}${']'.repeat(depth)}`)).toHaveLength(1);
    expect(readYaml(`${'- '.repeat(depth)}a`)).toHaveLength(1);
    expect(refusal(`${'- '.repeat(depth + 1)}a`).code).toBe('bad-yaml');
    const block = (levels: number) =>
      Array.from({ length: levels }, (_, n) => `${' '.repeat(n)}a:\n`).join('');
    expect(readYaml(block(depth))).toHaveLength(1);
    expect(refusal(block(depth + 1)).code).toBe('bad-yaml');
  });

  it.each<[string, string]>([
    ['brackets', '['.repeat(1_000_000)],
    ['dashes', '- '.repeat(1_000_000)],
    ['objects', '{"a":'.repeat(500_000)],
    ['JSON', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['indents', Array.from({ length: 3000 }, (_, n) => `${' '.repeat(n)}a:\n`).join('')],
  ])('is not exhausted by %s', (_what, text) => {
    expect(refusal(text).code).toBe('bad-yaml');
  });

  it('is not blown up by aliases', () => {
    const bomb = Array.from(
      { length: 20 },
      (_, n) =>
        `a${n}: &a${n} [${Array(9)
          .fill(n === 0 ? 'x' : `*a${n - 1}`)
          .join(', ')}]`,
    );
    expect(refusal(bomb.join('\n')).code).toBe('bad-yaml');
    const merged = Array.from({ length: 20 }, (_, n) =>
      n === 0
        ? 'a0: &a0 {x: 1}'
        : `a${n}: &a${n} {<<: [${Array(9)
            .fill(`*a${n - 1}`)
            .join(', ')}]}`,
    );
    expect(refusal(merged.join('\n')).code).toBe('bad-yaml');
    const large = `a: &a ${'x'.repeat(100_000)}\nb: [${Array(90).fill('*a').join(', ')}]`;
    expect(refusal(large).message).toContain('too large');
    const deep = `a: &a ${'['.repeat(40)}${']'.repeat(40)}\nb: ${'['.repeat(40)}*a${']'.repeat(40)}`;
    expect(refusal(deep).message).toContain('64');
  });

  it('refuses more than 8 MiB', () => {
    expect(refusal(`# ${'ü'.repeat(YAML_LIMITS.bytes / 2)}`).code).toBe('too-large');
  });
});

describe('what is wrong with a text', () => {
  it.each<[string, string, number, number]>([
    ['secret: [1', 'bad indent', 1, 11],
    ['secret: 1\nsecret: 2', 'a key is given twice', 2, 1],
    ['{"secret": 1, "secret": 2}', 'a key is given twice', 1, 15],
    ['a: *secret', 'an alias has no anchor before it', 1, 4],
    ['a: &secret [*secret]', 'an alias contains itself', 1, 13],
    ['a: !secret 1', 'tag resolve failed', 1, 4],
    ['secret\nsecret: 1', 'multiline implicit key', 1, 1],
  ])('of %j is told without what is written there', (text, rule, line, column) => {
    expect(refusal(text)).toMatchObject({ code: 'bad-yaml', rule, place: { line, column } });
  });

  it('is told of depth, size and uses of aliases too', () => {
    const deep = '['.repeat(YAML_LIMITS.depth + 1) + ']'.repeat(YAML_LIMITS.depth + 1);
    const often = `a: &x [1]\nb: [${Array(YAML_LIMITS.aliases + 5)
      .fill('*x')
      .join(',')}]`;
    const blown = `a: &x "${'y'.repeat(YAML_LIMITS.bytes / 16)}"\nb: [${Array(20).fill('*x').join(',')}]`;
    expect([deep, often, blown].map((text) => (refusal(text) as unknown as { rule: string }).rule)).toEqual([
      `objects and lists lie more than ${YAML_LIMITS.depth} deep inside each other`,
      'aliases cannot be unfolded',
      'an alias makes the document too large',
    ]);
  });
});
