import { describe, expect, it } from '@jest/globals';
import { FirstThenCount } from './first-then-count.js';

describe('X27 FirstThenCount', () => {
  const lines: object[] = [];
  const log = { warn: (fields: object, message: string) => void lines.push({ ...fields, message }) };
  let due: (() => void)[] = [];
  const time = {
    after: (_ms: number, callback: () => void): (() => void) => {
      due.push(callback);
      return () => void (due = due.filter((one) => one !== callback));
    },
  };
  const aMinutePasses = (): void => {
    const now = due;
    due = [];
    for (const callback of now) callback();
  };
  const told = (): object[] => lines.splice(0);

  it('tells the first, then a count a minute of each kind, and begins anew after a quiet minute', () => {
    const letters = new FirstThenCount(log, time);
    for (let seq = 1; seq <= 20_000; seq += 1) letters.tell('a', { code: 'a' }, { seq }, 'dead letter');
    letters.tell('b', { code: 'b' }, { seq: 1 }, 'dead letter');
    expect(told()).toEqual([
      { code: 'a', seq: 1, message: 'dead letter' },
      { code: 'b', seq: 1, message: 'dead letter' },
    ]);
    aMinutePasses();
    expect(told()).toEqual([
      { code: 'a', more: 19_999, message: 'dead letter: more of the same in the last minute' },
    ]);
    aMinutePasses();
    expect(told()).toEqual([]);
    letters.tell('a', { code: 'a' }, { seq: 20_001 }, 'dead letter');
    expect(told()).toEqual([{ code: 'a', seq: 20_001, message: 'dead letter' }]);
    letters.close();
    expect(due).toEqual([]);
  });

  it('tells at its end what was counted only', () => {
    const letters = new FirstThenCount(log, time);
    for (const seq of [1, 2, 3]) letters.tell('a', {}, { seq }, 'dead letter');
    letters.close();
    expect(told()).toEqual([
      { seq: 1, message: 'dead letter' },
      { more: 2, message: 'dead letter: more of the same in the last minute' },
    ]);
  });

  it('keeps a bounded number of kinds', () => {
    const letters = new FirstThenCount(log, time);
    for (let n = 0; n < 1000; n += 1) letters.tell(`kind ${n}`, { n }, {}, 'bad');
    expect(told()).toHaveLength(101);
    letters.close();
    expect(told()).toEqual([{ more: 899, message: 'bad: more of the same in the last minute' }]);
  });
});
