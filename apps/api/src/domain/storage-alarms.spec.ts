import { expect, it } from '@jest/globals';
import { FEDERATION_API } from '@signalbox/contracts';
import { StorageAlarms } from './storage-alarms.js';
import type { StorageItem } from './storage-items.js';

const FACTS: StorageItem = {
  ...{ kind: 'stream', name: 'FACTS_edge', owner: 'ingest', unit: 'bytes', bound: 1000 },
  ...{ whenFull: 'refuses', setting: 'SIGNALBOX_FACTS_MAX_BYTES' },
};

function alarmsOf(...items: readonly StorageItem[]): ReturnType<StorageAlarms['alarms']> {
  const alarms = new StorageAlarms();
  alarms.take(items, 0);
  return alarms.alarms();
}

it('tells a stream that is nearly full, what happens then and what to do', () => {
  expect(alarmsOf({ ...FACTS, used: 801 })).toEqual([
    {
      kind: 'storage-nearly-full',
      name: 'FACTS_edge',
      reason: 'storage-full',
      resources: [{ apiVersion: FEDERATION_API, kind: 'EventGroup', name: 'edge' }],
      since: '1970-01-01T00:00:00.000Z',
      text:
        'the stream FACTS_edge holds 80 % of its 1000 bytes: when it is full new messages are refused, and nothing old is ' +
        'lost. Raise its bound if the disk has room, or keep less (SIGNALBOX_FACTS_MAX_BYTES)',
    },
  ]);
  expect(alarmsOf({ ...FACTS, used: 800 })).toEqual([]);
});

it('tells nothing of what is full as it shall be, comes and goes, has no bound or cannot be measured', () => {
  const { bound: _bound, ...unbounded } = FACTS;
  const quiet: readonly StorageItem[] = [
    { ...FACTS, kind: 'table', whenFull: 'prunes', used: 1000 },
    { ...FACTS, kind: 'cache', whenFull: 'forgets', used: 1000 },
    { ...FACTS, kind: 'queue', used: 1000 },
    { ...unbounded, used: 1000 },
    FACTS,
  ];
  expect(alarmsOf(...quiet)).toEqual([]);
});

it('remembers since when, until it is over', () => {
  const alarms = new StorageAlarms();
  const since = (used: number, nowMs: number): (string | undefined)[] => {
    alarms.take([{ ...FACTS, used }], nowMs);
    return alarms.alarms().map((alarm) => alarm.since);
  };
  expect(since(900, 1000)).toEqual(['1970-01-01T00:00:01.000Z']);
  expect(since(990, 2000)).toEqual(['1970-01-01T00:00:01.000Z']);
  expect(since(10, 3000)).toEqual([]);
  expect(since(900, 4000)).toEqual(['1970-01-01T00:00:04.000Z']);
});
