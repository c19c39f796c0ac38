import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CodedError } from './errors.js';
import type { Fact } from './fact.js';
import { isFactType, isGroupName, isNodeName } from './fact-grammar.js';
import { contentDigest, factKey, isExpired, lineageOf } from './fact-identity.js';
import { factToWire } from './fact-wire.js';
import { FACT_MEMBERS, normalizeFact } from './normalize-fact.js';
import { WIRE_TIME, ZERO_TIME } from './timestamp.js';

const NOW = Date.UTC(2026, 4, 30, 12);
const BODY = {
  id: 'evt-1',
  group: 'cloudedge',
  sourceNode: 'onprem-router',
  type: 'routerd.client.ipv4.observed',
  subject: '10.88.60.9/32',
  payload: { address: '10.88.60.9/32' },
  observedAt: '2026-05-30T12:00:00Z',
  expiresAt: '2026-05-30T12:30:00Z',
};

function given(change: Record<string, unknown> = {}): Fact {
  return normalizeFact({ ...BODY, ...change }, {}, NOW);
}

function refusal(change: Record<string, unknown>): { code: string; pointers: string[] } {
  try {
    given(change);
  } catch (error) {
    if (error instanceof CodedError)
      return { code: error.code, pointers: error.errors.map(({ pointer }) => pointer) };
    throw error;
  }
  throw new Error('the fact was accepted');
}

describe('E2 dedupeKey', () => {
  it('E2 dedupeKey defaults to the id', () => {
    expect(given().dedupeKey).toBe('evt-1');
    expect(given({ dedupeKey: ' ' }).dedupeKey).toBe('evt-1');
  });

  it('E2 an explicit dedupeKey is kept', () => {
    expect(given({ dedupeKey: ' 10.88.60.9 ' }).dedupeKey).toBe('10.88.60.9');
  });
});

describe('E3 missing required fields', () => {
  it.each(['id', 'group', 'type'])('E3 a fact without %s is refused', (field) => {
    expect(refusal({ [field]: undefined })).toEqual({ code: 'bad-grammar', pointers: [`/${field}`] });
    expect(refusal({ [field]: '  ' })).toEqual({ code: 'bad-grammar', pointers: [`/${field}`] });
    expect(refusal({ [field]: null })).toEqual({ code: 'bad-grammar', pointers: [`/${field}`] });
  });

  it('E3 every missing field is told at once', () => {
    expect(refusal({ id: '', group: '', type: '' }).pointers).toEqual(['/id', '/group', '/type']);
  });

  it.each([null, 'text', 1, [], undefined])('E3 %j is no fact', (body) => {
    expect(() => normalizeFact(body, {}, NOW)).toThrow(CodedError);
  });
});

describe('E4 expiry', () => {
  const at = Date.UTC(2026, 4, 30, 12, 30);

  it('E4 an event expires strictly after expiresAt', () => {
    expect(isExpired(given(), at - 1)).toBe(false);
    expect(isExpired(given(), at)).toBe(false);
    expect(isExpired(given(), at + 1)).toBe(true);
    expect(isExpired(given(), at + 1000)).toBe(true);
  });

  it('E4 an event without expiresAt never expires', () => {
    const far = Date.UTC(9999, 0);
    expect(isExpired(given({ expiresAt: undefined }), far)).toBe(false);
    expect(isExpired(given({ expiresAt: ZERO_TIME }), far)).toBe(false);
    expect(isExpired(given({ expiresAt: '' }), far)).toBe(false);
  });

  it('E4 fractions of a millisecond count', () => {
    const fact = given({ expiresAt: '2026-05-30T12:30:00.000000001Z' });
    expect(isExpired(fact, at)).toBe(false);
    expect(isExpired(fact, at + 1)).toBe(true);
    expect(isExpired(given({ expiresAt: '2026-05-30T12:29:59.999999999Z' }), at)).toBe(true);
  });

  it('E4 offsets are instants', () => {
    expect(isExpired(given({ expiresAt: '2026-05-30T21:30:00+09:00' }), at)).toBe(false);
    expect(isExpired(given({ expiresAt: '2026-05-30T21:30:00+09:00' }), at + 1)).toBe(true);
  });
});

describe('normalizeFact', () => {
  it('trims blanks and keeps times as they came', () => {
    const fact = given({ id: ' evt-1\n', subject: ' a b ', observedAt: ' 2026-05-30T14:00:00.120+02:00 ' });
    expect(fact).toMatchObject({ id: 'evt-1', subject: 'a b', observedAt: '2026-05-30T14:00:00.120+02:00' });
  });

  it('takes what is missing from the defaults, and only that', () => {
    const defaults = {
      id: 'evt-9',
      group: 'g',
      type: 't',
      sourceNode: 'n',
      observedAt: '2026-05-30T11:00:00Z',
    };
    expect(normalizeFact({}, defaults, NOW)).toEqual({
      ...defaults,
      subject: '',
      dedupeKey: 'evt-9',
      payload: {},
    });
    expect(normalizeFact(BODY, defaults, NOW)).toMatchObject({ id: 'evt-1', group: 'cloudedge' });
    expect(normalizeFact({ observedAt: ZERO_TIME }, defaults, NOW).observedAt).toBe('2026-05-30T11:00:00Z');
  });

  it('ignores unknown members of a peer', () => {
    expect(given({ seq: 7, signature: {} })).toEqual(given());
  });

  it('X4 refuses unknown members at a local way in, each by its pointer and with what may have been meant', () => {
    const body = { ...BODY, subjct: 'x', 'a/b': 1, originSequence: 7, __proto__x: null };
    let error: unknown;
    try {
      normalizeFact(body, {}, NOW, 'refused');
    } catch (thrown) {
      error = thrown;
    }
    const members = `a fact has ${FACT_MEMBERS.join(', ')}`;
    expect(error).toMatchObject({
      code: 'bad-grammar',
      message: expect.stringContaining('/subjct is no member of a fact: did you mean subject?'),
      errors: [
        { pointer: '/subjct', message: 'is no member of a fact: did you mean subject?' },
        { pointer: '/a~1b', message: `is no member of a fact: ${members}` },
        { pointer: '/originSequence', message: `is no member of a fact: ${members}` },
        { pointer: '/__proto__x', message: `is no member of a fact: ${members}` },
      ],
    });
    expect(normalizeFact(BODY, {}, NOW, 'refused')).toEqual(given());
  });

  it('X4 takes every member of a fact at a local way in', () => {
    const travel = { traceparent: '00-1', correlationId: 'c', causationId: 'd' };
    const body = { ...BODY, dedupeKey: 'k', ...travel };
    expect(Object.keys(body).sort()).toEqual([...FACT_MEMBERS].sort());
    expect(normalizeFact(body, {}, NOW, 'refused')).toEqual(body);
  });

  it('X4 names a hundred wrong members of a body full of them', () => {
    const body = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`sbject${n}`, n]));
    expect(() => normalizeFact(body, {}, NOW, 'refused')).toThrow(
      expect.objectContaining({
        errors: Array(100).fill(
          expect.objectContaining({ message: expect.stringContaining('is no member of a fact: ') }),
        ),
      }),
    );
  });

  it.each(['2026-05-30t12:00:00Z', '2026-05-30T12:00:00z', '2026-05-30T11:59:60Z'])(
    'X6 refuses the time %s, which a Go peer cannot read, and says which form is expected',
    (time) => {
      for (const field of ['observedAt', 'expiresAt'])
        expect(() => given({ [field]: time })).toThrow(
          expect.objectContaining({
            code: 'bad-grammar',
            errors: [{ pointer: `/${field}`, message: WIRE_TIME }],
          }),
        );
    },
  );

  it('X6 takes the zero time for absent however it is written', () => {
    expect(given({ expiresAt: '0001-01-01T00:00:00.000+00:00' })).not.toHaveProperty('expiresAt');
  });

  it('X2 keeps a byte order mark inside a text, as Go does', () => {
    expect(given({ subject: ' \ufeff10.0.0.1/32 ' }).subject).toBe('\ufeff10.0.0.1/32');
  });

  it('X7 keeps any payload key as plain data, all the way to the wire', () => {
    const odd = fc.constantFrom(
      ...Object.getOwnPropertyNames(Object.prototype),
      'prototype',
      'length',
      'then',
    );
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(odd, fc.string({ minLength: 1 })), { maxLength: 20 }), (keys) => {
        const members = keys.filter((key) => key.trim() !== '' && !key.includes('\u0000'));
        const text = `{${members.map((key) => `${JSON.stringify(key)}:${JSON.stringify(`v ${key}`)}`).join()}}`;
        const fact = given({ payload: JSON.parse(text) as object });
        const again = JSON.parse(JSON.stringify(factToWire(fact))) as { payload?: object };
        expect(new Map(Object.entries(again.payload ?? {}))).toEqual(
          new Map(members.map((key) => [key, `v ${key}`])),
        );
        expect(contentDigest(given({ payload: again.payload ?? {} }))).toBe(contentDigest(fact));
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  it('keeps odd payload keys as plain data', () => {
    const body: unknown = JSON.parse(
      '{"id":"a","group":"g","type":"t","observedAt":"2026-05-30T12:00:00Z","payload":{"__proto__":"p","constructor":"c"}}',
    );
    const { payload } = normalizeFact(body, {}, NOW);
    expect(JSON.stringify(payload)).toBe('{"__proto__":"p","constructor":"c"}');
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['p']).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an id over 200 characters', { id: 'x'.repeat(201) }, '/id'],
    ['an id with a line break', { id: 'a\nb' }, '/id'],
    ['an id that is a number', { id: 7 }, '/id'],
    ['a group with a dot', { group: 'a.b' }, '/group'],
    ['a group with a blank', { group: 'a b' }, '/group'],
    ['a type with an empty token', { type: 'a..b' }, '/type'],
    ['a type with a wildcard', { type: 'a.*' }, '/type'],
    ['a type of 17 tokens', { type: Array(17).fill('a').join('.') }, '/type'],
    ['a node with a blank', { sourceNode: 'a b' }, '/sourceNode'],
    ['a subject over 512 characters', { subject: 'x'.repeat(513) }, '/subject'],
    ['half a surrogate pair', { subject: '\ud800' }, '/subject'],
    ['a dedupeKey with NUL', { dedupeKey: 'a\u0000b' }, '/dedupeKey'],
    ['a payload that is a list', { payload: [] }, '/payload'],
    ['a payload number', { payload: { a: 1 } }, '/payload/a'],
    ['a payload text with NUL', { payload: { 'a/b': '\u0000' } }, '/payload/a~1b'],
    ['a blank payload key', { payload: { ' ': 'a' } }, '/payload'],
    [
      '65 payload keys',
      { payload: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, ''])) },
      '/payload',
    ],
    ['an observedAt that is no time', { observedAt: 'now' }, '/observedAt'],
    ['no observedAt', { observedAt: '' }, '/observedAt'],
    ['an expiresAt that is no time', { expiresAt: '2026-02-30T00:00:00Z' }, '/expiresAt'],
    ['a traceparent that is a number', { traceparent: 1 }, '/traceparent'],
    ['a correlationId with NUL', { correlationId: 'a\u0000b' }, '/correlationId'],
  ])('refuses %s', (_what, change, pointer) => {
    expect(refusal(change)).toEqual({ code: 'bad-grammar', pointers: [pointer] });
  });

  it('accepts observedAt up to 5 minutes ahead', () => {
    expect(given({ observedAt: '2026-05-30T12:05:00Z' }).observedAt).toBe('2026-05-30T12:05:00Z');
    expect(refusal({ observedAt: '2026-05-30T12:05:00.000000001Z' }).code).toBe('observed-in-future');
  });

  it('refuses more than 256 KiB', () => {
    expect(refusal({ payload: { a: 'x'.repeat(256 * 1024) } }).code).toBe('too-large');
  });

  it.each([
    ['x', 1],
    ['ä', 2],
    ['\u20ac', 3],
    ['\u{1f600}', 4],
    ['\u0001', 6],
  ])('counts %j as the %i bytes that it has in JSON', (character, bytes) => {
    const frame = Buffer.byteLength(JSON.stringify(given({ payload: { a: '' } })));
    const most = Math.floor((256 * 1024 - frame) / bytes);
    expect(given({ payload: { a: character.repeat(most) } }).payload['a']).toHaveLength(
      most * character.length,
    );
    expect(refusal({ payload: { a: character.repeat(most + 1) } }).code).toBe('too-large');
  });

  it('finds nothing to change in what it made', () => {
    const bodies = fc.record(
      {
        subject: fc.string({ maxLength: 20 }),
        payload: fc.dictionary(fc.stringMatching(/^[a-z_]+$/), fc.string(), { maxKeys: 5 }),
        dedupeKey: fc.string({ maxLength: 20 }),
        expiresAt: fc.constantFrom('', ZERO_TIME, '2026-05-30T13:00:00.5Z'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const fact = given(body);
        const again = normalizeFact(JSON.parse(JSON.stringify(factToWire(fact))), {}, NOW);
        expect(again).toEqual(fact);
        expect(contentDigest(again)).toBe(contentDigest(fact));
      }),
    );
  });
});

describe('what a fact is about', () => {
  it('is its own dedupeKey, else type and subject, else its id', () => {
    expect(factKey(given({ dedupeKey: 'k' }))).toBe('key:k');
    expect(factKey(given({ dedupeKey: 'evt-1' }))).toBe('about:routerd.client.ipv4.observed 10.88.60.9/32');
    expect(factKey(given({ subject: '' }))).toBe('id:evt-1');
  });

  it('belongs to one origin', () => {
    expect(lineageOf('a', 'key:k')).not.toBe(lineageOf('b', 'key:k'));
  });

  it('has content without times', () => {
    expect(contentDigest(given({ observedAt: '2026-05-30T11:00:00Z', expiresAt: '' }))).toBe(
      contentDigest(given()),
    );
    expect(contentDigest(given({ payload: { address: 'other' } }))).not.toBe(contentDigest(given()));
  });
});

it('factToWire leaves empty members out', () => {
  const fact = given({ sourceNode: '', subject: '', payload: {}, expiresAt: '' });
  expect(Object.keys(factToWire(fact))).toEqual(['id', 'group', 'type', 'dedupeKey', 'observedAt']);
});

describe('grammar', () => {
  it.each(['edge_1', 'Cloud-Edge', 'CloudEdge_2', 'A'])('X10 group %s', (name) => {
    expect(isGroupName(name)).toBe(true);
  });

  it.each(['edge_1', '_edge', 'edge_', 'edge_1.example.net', 'a.b_c'])('X10 node %s', (name) => {
    expect(isNodeName(name)).toBe(true);
  });

  it.each([
    ['a', true],
    ['edge-1', true],
    ['0', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['-a', false],
    ['a-', false],
    ['_a', false],
    ['a_', false],
    ['a.b', false],
    ['', false],
    ['a\n', false],
  ])('group %j: %s', (text, ok) => {
    expect(isGroupName(text)).toBe(ok);
  });

  it.each([
    ['edge-1.example.net', true],
    ['EDGE', true],
    ['a..b', false],
    ['a.', false],
    [`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`, true],
    [`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(62)}`, false],
  ])('node %j: %s', (text, ok) => {
    expect(isNodeName(text)).toBe(ok);
  });

  it.each([
    ['routerd.client.ipv4.observed', true],
    ['A_b-c', true],
    [Array(16).fill('a').join('.'), true],
    ['a'.repeat(200), true],
    ['a'.repeat(201), false],
    ['.a', false],
    ['a.>', false],
    ['ä', false],
  ])('type %j: %s', (text, ok) => {
    expect(isFactType(text)).toBe(ok);
  });
});
