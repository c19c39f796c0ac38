import { describe, expect, it } from '@jest/globals';
import { CloudEvent as Theirs, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { normalizeFact } from '../normalize-fact.js';
import type { CloudEvent } from './attributes.js';
import { fromBinaryHeaders, toBinaryHeaders } from './binary.js';
import { factOfCloudEvent } from './read-cloud-event.js';
import { fromStructured, toStructured } from './structured.js';
import { cloudEventOf } from './write-cloud-event.js';

const NOW = Date.parse('2026-05-30T12:00:00Z');
const GIVEN = { group: 'default', sourceNode: 'edge-1' };

const text = fc.string({ unit: 'binary', maxLength: 30 });
const printable = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((one) => /^[^\p{Cc}\p{Cs}\p{Z}]+$/u.test(one));
const label = fc.stringMatching(/^[A-Za-z0-9]{1,8}$/);
const key = fc.oneof(
  text.filter((one) => one.trim() !== ''),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'data',
    'cloudevents.Big',
    'cloudevents.id',
    'cloudevents.data',
  ),
  fc
    .constantFrom('source', 'partitionkey', 'datacontenttype', 'dataschema')
    .map((name) => `cloudevents.${name}`),
);
const value = fc.oneof(
  text,
  fc.constantFrom('https://ci.example/1', 'signalbox://edge-1/default', 'application/x+json'),
);
const times = fc.constantFrom('2026-05-30T12:00:00Z', '2026-05-30T14:00:00.123456789+02:00');

/** Bodies of facts; those that the grammar refuses are left out by the law. */
const BODIES = fc.record(
  {
    id: printable,
    type: fc.array(label, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.')),
    subject: printable,
    dedupeKey: printable,
    payload: fc
      .uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 5 })
      .map(Object.fromEntries),
    observedAt: times,
    expiresAt: times,
    traceparent: fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    correlationId: printable,
    causationId: printable,
  },
  { requiredKeys: ['id', 'type', 'observedAt'] },
);

const throughStructured = (event: CloudEvent): CloudEvent =>
  fromStructured(JSON.parse(JSON.stringify(toStructured(event))));

const throughBinary = ({ attributes, data }: CloudEvent): CloudEvent => ({
  attributes: fromBinaryHeaders(Object.entries(toBinaryHeaders({ attributes })))!,
  data: JSON.parse(JSON.stringify(data)),
});

describe('a fact as a CloudEvent', () => {
  it('is the same fact when it is read again, in both modes', () => {
    fc.assert(
      fc.property(BODIES, (body) => {
        let fact;
        try {
          fact = normalizeFact(body, GIVEN, NOW);
        } catch {
          fc.pre(false);
          return;
        }
        for (const through of [throughStructured, throughBinary]) {
          const read = factOfCloudEvent(through(cloudEventOf(fact)));
          expect(normalizeFact(read, GIVEN, NOW, 'refused')).toEqual(fact);
        }
      }),
    );
  });

  it('is one that the library of CloudEvents takes, and gives back as it was', () => {
    const fact = normalizeFact(
      {
        id: 'évt-1 "a"',
        type: 'client.seen',
        subject: '10.0.0.1/32',
        dedupeKey: 'k',
        expiresAt: '2026-05-30T12:30:00Z',
        observedAt: '2026-05-30T12:00:00Z',
        payload: { mac: '02:00:00:00:00:09', 'cloudevents.partitionkey': 'p' },
      },
      GIVEN,
      NOW,
    );
    const event = cloudEventOf(fact);
    const body = JSON.stringify(toStructured(event));
    const theirs = HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body });
    expect(theirs).toMatchObject({
      source: 'signalbox://edge-1/default',
      partitionkey: 'p',
      data: { mac: '02:00:00:00:00:09' },
    });
    expect((theirs as Theirs<unknown>).validate()).toBe(true);
    const binary = HTTP.toEvent({ headers: toBinaryHeaders(event), body: JSON.stringify(event.data) });
    expect(binary).toMatchObject({ type: 'client.seen', dedupekey: 'k', data: { mac: '02:00:00:00:00:09' } });
  });
});

describe('a CloudEvent as a fact', () => {
  const theirs = new Theirs({
    id: '1',
    source: 'https://ci.example/builds?a=b',
    type: 'build.done',
    subject: 'web',
    time: '2026-05-30T12:00:00.000Z',
    datacontenttype: 'application/json',
    dataschema: 'https://ci.example/schema',
    partitionkey: 'p 1',
    priority: 3,
    data: { result: 'ok' },
  });
  const wanted = {
    id: '1',
    type: 'build.done',
    subject: 'web',
    observedAt: '2026-05-30T12:00:00.000Z',
    payload: {
      result: 'ok',
      'cloudevents.source': 'https://ci.example/builds?a=b',
      'cloudevents.dataschema': 'https://ci.example/schema',
      'cloudevents.partitionkey': 'p 1',
      'cloudevents.priority': '3',
    },
  };

  it('keeps what no member of a fact is for, as the library sends it in both modes', () => {
    const structured = HTTP.structured(theirs);
    expect(factOfCloudEvent(fromStructured(JSON.parse(String(structured.body))))).toEqual(wanted);
    const { headers, body } = HTTP.binary(theirs);
    const sent = Object.entries(headers).map(([name, given]) => [name, String(given)] as const);
    const attributes = fromBinaryHeaders(sent)!;
    expect(factOfCloudEvent({ attributes, data: JSON.parse(String(body)) })).toEqual(wanted);
  });

  it('is the same CloudEvent when it goes out again, and tells who brought it', () => {
    const sent: unknown = JSON.parse(JSON.stringify(theirs));
    const fact = normalizeFact(factOfCloudEvent(fromStructured(sent)), GIVEN, NOW, 'refused');
    expect(toStructured(cloudEventOf(fact))).toEqual({
      ...(sent as object),
      priority: '3',
      sourcenode: 'edge-1',
      factgroup: 'default',
    });
  });

  const minimal = { specversion: '1.0', id: '1', source: '/s', type: 'a.b' };
  it.each([
    ['another version', { ...minimal, specversion: '0.3' }, 'unsupported-envelope', 'specversion 0.3'],
    ['no version', { id: '1' }, 'unsupported-envelope', 'without specversion'],
    ['no source', { ...minimal, source: null }, 'bad-grammar', '/source is required'],
    ['bytes', { ...minimal, data_base64: 'AAAA' }, 'unsupported-envelope', 'data_base64'],
    ['XML', { ...minimal, datacontenttype: 'text/xml', data: '<a/>' }, 'unsupported-envelope', 'text/xml'],
    ['data that is a text', { ...minimal, data: 'x' }, 'bad-grammar', '/data must be an object'],
    ['an object as attribute', { ...minimal, ext: {} }, 'bad-grammar', '/ext must be text'],
    ['a name with capitals', { ...minimal, myExt: 'a' }, 'bad-grammar', '/myExt is no name'],
    [
      'a name of JavaScript',
      JSON.parse('{"specversion":"1.0","__proto__":"a"}'),
      'bad-grammar',
      '/__proto__ is',
    ],
    ['a line end in an attribute', { ...minimal, ext: 'a\nb' }, 'bad-grammar', '/ext must be text without'],
    [
      'an attribute as data',
      { ...minimal, data: { 'cloudevents.ext': 'a' } },
      'bad-grammar',
      'give it as ext',
    ],
    ['two nodes', { ...minimal, source: 'signalbox://a/b', sourcenode: 'c' }, 'bad-grammar', '/source names'],
    ['no object', [minimal], 'bad-grammar', 'is a JSON object'],
  ])('is refused with %s', (_what, body: unknown, code, message) => {
    expect(() => factOfCloudEvent(fromStructured(body))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it.each([
    [[['ce-id', '100%']], 'no percent code'],
    [[['ce-id', 'é']], 'more than ASCII'],
    [
      [
        ['ce-id', 'a'],
        ['CE-Id', 'b'],
      ],
      'comes twice',
    ],
    [[['ce-a_b', 'a']], 'names no attribute'],
    [[['ce-data', 'a']], 'names no attribute'],
  ])('is refused with the headers %j', (headers, message) => {
    expect(() => fromBinaryHeaders(headers as [string, string][])).toThrow(
      expect.objectContaining({ code: 'bad-grammar', message: expect.stringContaining(message) }),
    );
  });

  it('reads quoted header values, and is none without headers of its own', () => {
    expect(fromBinaryHeaders([['ce-id', '"a\\"%20b"']])).toEqual({ id: 'a" b' });
    expect(
      fromBinaryHeaders([
        ['content-type', 'application/json'],
        ['cell', 'x'],
      ]),
    ).toBeUndefined();
  });
});
