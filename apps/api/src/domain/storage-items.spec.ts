import { describe, expect, it } from '@jest/globals';
import { BOUNDS, type ServiceName, type UsageAnswer } from '@signalbox/contracts';
import {
  type Measured,
  mostFacts,
  type SiteBounds,
  type StorageItem,
  storageItems,
} from './storage-items.js';

const NO_BOUNDS: SiteBounds = { facts: undefined, activityBytes: undefined, journalBytes: undefined };
const NOTHING: Measured = { streams: [], tables: [], usage: new Map(), disk: undefined };

function items(measured: Partial<Measured>, bounds: Partial<SiteBounds> = {}): StorageItem[] {
  return storageItems({ ...NOTHING, ...measured }, { ...NO_BOUNDS, ...bounds });
}

function item(name: string, measured: Partial<Measured>, bounds: Partial<SiteBounds> = {}): StorageItem {
  const found = items(measured, bounds).find((one) => one.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

function stream(name: string, maxBytes: number): NonNullable<Measured['streams']>[number] {
  return { name, messages: 3, bytes: 300, maxBytes };
}

function usage(service: ServiceName, used: UsageAnswer['used']): Measured['usage'] {
  return new Map([[service, { used }]]);
}

describe('streams', () => {
  it('have the bound of the stream itself', () => {
    expect(item('FACTS_edge', { streams: [stream('FACTS_edge', 1000)] })).toEqual({
      ...{ kind: 'stream', name: 'FACTS_edge', owner: 'ingest', unit: 'bytes', whenFull: 'refuses' },
      ...{ used: 300, bound: 1000, count: 3, bytes: 300, setting: 'SIGNALBOX_FACTS_MAX_BYTES' },
    });
  });

  it.each([
    ['the size from which people are told', -1, 500, 500],
    ['none when nobody is told', -1, undefined, undefined],
    ['the smaller one when an operator bounded the stream as well', 400, 500, 400],
  ])('that refuse nothing have %s', (_what, maxBytes, activityBytes, bound) => {
    const activity = item('ACTIVITY', { streams: [stream('ACTIVITY', maxBytes)] }, { activityBytes });
    expect([activity.bound, activity.whenFull]).toEqual([bound, 'warns']);
  });

  it('of an operator are shown as such', () => {
    const own = item('METRICS', { streams: [stream('METRICS', 1000)] });
    expect(own).toMatchObject({ owner: 'operator', used: 300, bound: 1000 });
  });
});

describe('tables', () => {
  const tables = [
    { name: 'runs', rows: 7, bytes: 16_384 },
    { name: 'facts', rows: 50, bytes: 8192 },
  ];

  it('with a bound of rows are measured in rows, others in bytes', () => {
    expect(items({ tables }, { facts: 200 }).filter(({ kind }) => kind === 'table')).toEqual([
      expect.objectContaining({ name: 'facts', unit: 'rows', used: 50, bound: 200, count: 50, bytes: 8192 }),
      expect.objectContaining({ name: 'runs', unit: 'bytes', used: 16_384, count: 7, bytes: 16_384 }),
    ]);
    expect(item('facts', { tables })).not.toHaveProperty('bound');
    expect(item('runs', { tables })).toMatchObject({ setting: 'SIGNALBOX_ACTIVITY_MAX_AGE' });
  });
});

describe('caches and queues', () => {
  it('are what their service says, in the unit of the bound', () => {
    const measured = { usage: usage('matcher', { 'facts at hand': 12, 'ended runs': 0 }) };
    expect(item('facts at hand', measured)).toEqual({
      ...{ kind: 'cache', name: 'facts at hand', owner: 'matcher', unit: 'bytes', used: 12 },
      ...{ bound: BOUNDS.factsAtHandBytes, whenFull: 'forgets' },
    });
    expect(item('ended runs', measured).used).toBe(0);
  });

  it('of a service that is away are listed without a use', () => {
    const silent = item('facts in line', { usage: new Map([['ingest', undefined]]) });
    expect(silent).toMatchObject({ bound: BOUNDS.factsInLine });
    expect(silent).not.toHaveProperty('used');
  });

  it('that are small and in every service are not among them', () => {
    expect(items({}).map(({ name }) => name)).not.toContain('messages read ahead');
  });
});

it('streams and tables are listed without a use while their server is away', () => {
  const all = items({ streams: undefined, tables: undefined });
  const silent = all.filter(({ kind }) => kind === 'stream' || kind === 'table');
  expect(silent.map(({ name }) => name)).toEqual(expect.arrayContaining(['FACTS_<group>', 'INTAKE', 'runs']));
  expect(silent.filter(({ used }) => used !== undefined)).toEqual([]);
});

it('a disk is as large as it is', () => {
  const disk = item('state directory', { disk: { used: 3, size: 10 } });
  expect(disk).toMatchObject({ kind: 'disk', used: 3, bound: 10, whenFull: 'refuses' });
  expect(item('state directory', {})).not.toHaveProperty('used');
});

it('the facts of all groups are bounded when those of each are', () => {
  expect([mostFacts([3, 4]), mostFacts([3, undefined]), mostFacts([])]).toEqual([7, undefined, 0]);
});
