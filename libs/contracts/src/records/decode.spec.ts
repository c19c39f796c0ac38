import { describe, expect, it } from '@jest/globals';
import { CodedError } from '../errors.js';
import * as decode from './decode.js';
import * as records from './sample-records.fixture.js';

type Decoder = (data: Uint8Array) => unknown;

const SAMPLES: readonly (readonly [name: string, decoder: Decoder, record: object])[] = [
  ['FactRecord', decode.decodeFactRecord, records.FACT],
  ['IntakeRecord', decode.decodeIntakeRecord, records.INTAKE],
  ['Changeset', decode.decodeChangeset, records.CHANGESET],
  ['AuditSeal', decode.decodeAuditSeal, records.SEAL],
  ['RefusedRecord', decode.decodeRefusedRecord, records.REFUSED],
  ...records.TOKENS.map(
    (record) => [`TokenRecord ${record.type}`, decode.decodeTokenRecord, record] as const,
  ),
  ...records.RUNS.map(
    (record) => [`RunBatch ${record.type}`, decode.decodeRunBatch, { records: [record] }] as const,
  ),
  ...[...records.PARTS, records.EFFECTIVE].map(
    (record) => [`ConfigBatch ${record.type}`, decode.decodeConfigBatch, { records: [record] }] as const,
  ),
  ['MatchRecord', decode.decodeMatchRecord, records.MATCH],
  ['RetentionRecord', decode.decodeRetentionRecord, records.RETENTION],
  ['SnapshotRecord', decode.decodeSnapshotRecord, records.SNAPSHOT],
  ['CompactionRecord', decode.decodeCompactionRecord, records.COMPACTION],
  ...records.DELIVERIES.map(
    (record) => [`DeliveryRecord ${record.type}`, decode.decodeDeliveryRecord, record] as const,
  ),
  ...records.BACKENDS.map(
    (record) => [`BackendRecord ${record.result.code}`, decode.decodeBackendRecord, record] as const,
  ),
  ...records.INTENTS.map(
    (record, at) => [`BackendIntent ${at}`, decode.decodeBackendIntent, record] as const,
  ),
  ...records.FRONTENDS.map(
    (record) => [`FrontendRecord ${record.to}`, decode.decodeFrontendRecord, record] as const,
  ),
  ...records.OVERRIDES.map(
    (record, at) => [`WeightOverride ${record.type} ${at}`, decode.decodeWeightOverride, record] as const,
  ),
  ...records.NODE_DRAINS.map((record, at) => [`NodeDrain ${at}`, decode.decodeNodeDrain, record] as const),
  ...records.NODE_LISTENERS.map(
    (record, at) => [`NodeListener ${at}`, decode.decodeNodeListener, record] as const,
  ),
  ...records.LEADER_LEASES.map(
    (record, at) => [`LeaderLease ${at}`, decode.decodeLeaderLease, record] as const,
  ),
  ['NodeAnnouncements', decode.decodeNodeAnnouncements, records.NODE_ANNOUNCEMENTS],
  ['NodeManifest', decode.decodeNodeManifest, records.NODE_MANIFEST],
  ...records.NODES.map((record) => [`NodeRecord ${record.state}`, decode.decodeNodeRecord, record] as const),
  ['DeadLetter', decode.decodeDeadLetter, records.DEAD],
  ['Watermark', decode.decodeWatermark, records.WATERMARK],
];

/** Members whose own members are data: anything may be added to them. */
const DATA =
  /\/(?:payload|rows\/\d+|annotations|labels|target|parameters|preconditions\/\d+|about|spec)(?:\/|$)/;

function bytes(value: unknown): Uint8Array {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function refusal(decoder: Decoder, data: Uint8Array): CodedError {
  try {
    decoder(data);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Every object inside a value, with its place. */
function* objectsIn(value: unknown, place = ''): Generator<[place: string, object: Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [place, value as Record<string, unknown>];
  for (const [name, member] of Object.entries(value)) yield* objectsIn(member, `${place}/${name}`);
}

/** Copies of a record, each changed at one object that is not data. */
function variants(
  record: object,
  change: (object: Record<string, unknown>, names: string[]) => void,
): string[] {
  const places = [...objectsIn(record)].map(([place]) => place).filter((place) => !DATA.test(place));
  return places.flatMap((place) => {
    const names = Object.keys(objectAt(record, place));
    return names.map((name) => {
      const copy = structuredClone(record);
      change(objectAt(copy, place), [name]);
      return JSON.stringify(copy);
    });
  });
}

function objectAt(record: object, place: string): Record<string, unknown> {
  const found = [...objectsIn(record)].find(([at]) => at === place);
  if (!found) throw new Error(`nothing at ${place}`);
  return found[1];
}

describe.each(SAMPLES)('%s', (_name, decoder, record) => {
  it('reads a record with every member', () => {
    expect(decoder(bytes(record))).toEqual(record);
  });

  it('D14 refuses an unknown member at every place', () => {
    for (const text of variants(record, (object) => (object['extra'] = 1)))
      expect(refusal(decoder, bytes(text)).message).toMatch(/extra/);
  });

  it('D14 refuses null at every place', () => {
    for (const text of variants(record, (object, [name = '']) => (object[name] = null)))
      expect(refusal(decoder, bytes(text)).code).toBe('poison-message');
  });

  it('D14 refuses an object where there was none', () => {
    const wrong = { nested: [] };
    for (const text of variants(
      record,
      (object, [name = '']) => (object[name] = name === 'spec' ? 1 : wrong),
    ))
      expect(refusal(decoder, bytes(text)).code).toBe('poison-message');
  });

  it('D14 refuses a member given twice, and what follows the record', () => {
    const text = JSON.stringify(record);
    expect(refusal(decoder, bytes(`{"at":"","at":"",${text.slice(1)}`)).code).toBe('poison-message');
    expect(refusal(decoder, bytes(`${text}{}`)).code).toBe('poison-message');
  });

  it.each(['', 'null', '[]', '7', '{}', '{'])('refuses %j', (text) => {
    expect(refusal(decoder, bytes(text)).code).toBe('poison-message');
  });

  it('refuses bytes that are not UTF-8', () => {
    const error = refusal(decoder, Uint8Array.of(0x7b, 0xff, 0x7d));
    expect(error.message).toMatch(/not UTF-8/);
    expect(error.cause).toBeDefined();
  });
});

describe('decoding', () => {
  it('says what and where', () => {
    const { expiresAt: _, ...key } = records.DELIVERIES[0]!;
    const error = refusal(decode.decodeDeliveryRecord, bytes({ ...key, attempts: '1' }));
    expect(error.code).toBe('poison-message');
    expect(error.message).toBe('DeliveryRecord /attempts must be a whole number');
    expect(error.errors).toEqual([{ pointer: '/attempts', message: 'must be a whole number' }]);
  });

  it('judges a record by its type first', () => {
    const batch = (record: object): Uint8Array => bytes({ records: [records.RUNS[0], record] });
    expect(refusal(decode.decodeRunBatch, batch({ type: 'started', at: 'soon' })).message).not.toMatch(
      /planned/,
    );
    expect(refusal(decode.decodeRunBatch, batch({ type: 'paused' })).message).toMatch(
      /\/records\/1\/type .*"paused"/,
    );
    expect(refusal(decode.decodeRunBatch, batch({ at: '' })).message).toMatch(
      /\/records\/1\/type is required/,
    );
    expect(
      refusal(decode.decodeChangeset, bytes({ ...records.CHANGESET, changes: [{ op: 'move' }] })).message,
    ).toMatch(/\/changes\/0\/op/);
  });

  it('reads records without their optional members', () => {
    const { expiresAt: _e, traceparent: _t, correlationId: _c, causationId: _d, ...fact } = records.FACT.fact;
    expect(decode.decodeFactRecord(bytes({ ...records.FACT, fact }))).toEqual({ ...records.FACT, fact });
  });

  it.each([-1, 101, 1.5])('refuses %p as a weight', (weight) => {
    expect(
      refusal(decode.decodeWeightOverride, bytes({ ...records.OVERRIDES[0], weight })).errors[0]?.pointer,
    ).toBe('/weight');
    const [target] = records.FRONTENDS[0]!.targets;
    const frontend = { ...records.FRONTENDS[0], targets: [{ ...target, effective: weight }] };
    expect(refusal(decode.decodeFrontendRecord, bytes(frontend)).errors[0]?.pointer).toBe(
      '/targets/0/effective',
    );
  });

  it('refuses states, codes and intents that it does not know', () => {
    const [backend] = records.BACKENDS;
    expect(refusal(decode.decodeBackendRecord, bytes({ ...backend, to: 'sick' })).errors[0]?.pointer).toBe(
      '/to',
    );
    const result = { ok: true, code: 'L8OK', detail: '' };
    expect(refusal(decode.decodeBackendRecord, bytes({ ...backend, result })).errors[0]?.pointer).toBe(
      '/result/code',
    );
    const intent = { ...records.INTENTS[0], intent: 'enable' };
    expect(refusal(decode.decodeBackendIntent, bytes(intent)).errors[0]?.pointer).toBe('/intent');
    const frontend = { ...records.FRONTENDS[0], from: 'removed' };
    expect(refusal(decode.decodeFrontendRecord, bytes(frontend)).errors[0]?.pointer).toBe('/from');
  });

  it('keeps odd keys as plain data', () => {
    const text = JSON.stringify(records.FACT).replace(
      '"payload":{',
      '"payload":{"__proto__":"p","constructor":"c",',
    );
    const { payload } = decode.decodeFactRecord(bytes(text)).fact;
    expect(Object.keys(payload)).toEqual(['__proto__', 'constructor', 'address']);
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['p']).toBeUndefined();
    const put = JSON.stringify(records.CHANGESET).replace('"spec":{', '"spec":{"__proto__":{"x":1},');
    expect(JSON.stringify(decode.decodeChangeset(bytes(put)))).toContain('"__proto__":{"x":1}');
  });

  it('refuses __proto__ where it is no data', () => {
    const text = JSON.stringify(records.MATCH).replace('{', '{"__proto__":{"x":1},');
    expect(refusal(decode.decodeMatchRecord, bytes(text)).errors[0]?.pointer).toBe('/__proto__');
  });

  it.each(['2026-05-30', ''])('refuses %j as a time', (acceptedAt) => {
    expect(refusal(decode.decodeFactRecord, bytes({ ...records.FACT, acceptedAt })).errors[0]?.pointer).toBe(
      '/acceptedAt',
    );
  });

  it.each([-1, 1.5, 2 ** 53])('refuses %p as a sequence', (fromSeq) => {
    expect(refusal(decode.decodeMatchRecord, bytes({ ...records.MATCH, fromSeq })).errors[0]?.pointer).toBe(
      '/fromSeq',
    );
  });

  it('knows every code of the error table only', () => {
    const error = { code: 'no-such-code', message: '' };
    expect(refusal(decode.decodeDeadLetter, bytes({ ...records.DEAD, error })).errors[0]?.pointer).toBe(
      '/error/code',
    );
  });
});
