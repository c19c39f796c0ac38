import { describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { monotonicMs, Timetable } from './timetable.js';

describe('a timetable', () => {
  it('calls each key once, in order of time, and never before it is due', async () => {
    const now = monotonicMs();
    const planned = new Map(Array.from({ length: 50 }, (_one, n) => [`k${n}`, now + ((n * 37) % 50)]));
    const early: string[] = [];
    const called: string[] = [];
    const timetable = new Timetable((key, dueMs) => {
      called.push(key);
      if (dueMs !== planned.get(key) || monotonicMs() < dueMs) early.push(key);
    });
    for (const [key, dueMs] of planned) timetable.set(key, dueMs);
    await until('all keys', () => called.length === planned.size);
    expect(early).toEqual([]);
    expect(called).toEqual([...planned].sort(([, a], [, b]) => a - b).map(([key]) => key));
    timetable.stop();
  });

  it('moves a key that is set again and forgets one that is deleted', async () => {
    const called: string[] = [];
    const timetable = new Timetable((key) => called.push(key));
    const now = monotonicMs();
    timetable.set('moved', now + 3_600_000);
    timetable.set('gone', now + 1);
    timetable.set('last', now + 30);
    timetable.set('moved', now + 2);
    timetable.delete('gone');
    await until('the last key', () => called.includes('last'));
    expect(called).toEqual(['moved', 'last']);
    timetable.stop();
  });

  it('may be changed from within a call', async () => {
    let left = 5;
    const timetable = new Timetable((key) => {
      left -= 1;
      if (left > 0) timetable.set(key, monotonicMs());
    });
    timetable.set('again', monotonicMs());
    await until('five calls', () => left === 0);
    timetable.stop();
  });
});
