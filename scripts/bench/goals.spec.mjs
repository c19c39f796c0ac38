import { describe, expect, it } from '@jest/globals';
import { demand, judge } from './goals.mjs';

const RATE = [
  demand('value', { atLeast: 1500, stretch: 3000 }),
  demand('ratio', { atLeast: 0.15, stretch: 0.3 }),
];

describe('judge', () => {
  it('says nothing about a row without demands', () => {
    expect(judge({ value: 1 }, [])).toBeUndefined();
  });

  it.each([
    [
      { value: 1500, ratio: 0.15 },
      { isMet: true, isStretched: false },
    ],
    [
      { value: 3000, ratio: 0.3 },
      { isMet: true, isStretched: true },
    ],
    [
      { value: 3000, ratio: 0.2 },
      { isMet: true, isStretched: false },
    ],
    [
      { value: 9000, ratio: 0.1 },
      { isMet: false, isStretched: false },
    ],
    [{ value: 9000 }, { isMet: false, isStretched: false }],
    [
      { value: NaN, ratio: 1 },
      { isMet: false, isStretched: false },
    ],
  ])('of %j is %j when both are asked for', (row, verdict) => {
    expect(judge(row, RATE)).toEqual({ text: '≥ 1,500, ≥ 0.15 x', ...verdict });
  });

  it('goes downwards where less is better', () => {
    const latency = [demand('value', { atMost: 10, stretch: 6 })];
    expect(judge({ value: 10 }, latency)).toEqual({ text: '≤ 10', isMet: true, isStretched: false });
    expect(judge({ value: 5 }, latency)?.isStretched).toBe(true);
    expect(judge({ value: 11 }, latency)?.isMet).toBe(false);
  });

  it('allows so much more than the limit, whatever that is', () => {
    const change = [demand('excess', { atMost: 10 })];
    expect(judge({ value: 14, ratio: 3.5, excess: 10 }, change)).toEqual({
      text: '≤ limit + 10',
      isMet: true,
      isStretched: false,
    });
    expect(judge({ value: 14, ratio: 1.1, excess: 11 }, change)?.isMet).toBe(false);
    expect(judge({ value: 14 }, change)?.isMet).toBe(false);
  });

  it('takes a stretch that is no goal of its own', () => {
    const batch = [demand('value', { atLeast: 25_000 }), demand('ratio', { stretch: 0.7 })];
    const row = { value: 30_000, ratio: 0.5 };
    expect(judge(row, batch)).toEqual({ text: '≥ 25,000', isMet: true, isStretched: false });
    expect(judge({ ...row, ratio: 0.8 }, batch)?.isStretched).toBe(true);
  });

  it('calls nothing stretched that has no stretch', () => {
    expect(judge({ value: 1 }, [demand('value', { atMost: 5 })])?.isStretched).toBe(false);
  });
});
