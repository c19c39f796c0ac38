import { describe, expect, it } from '@jest/globals';
import { rowLines, summary } from './table.mjs';

const ROW = {
  figure: 'chain',
  unit: '/s',
  sync: 'default',
  value: 1234,
  min: 1200,
  max: 1300,
  repetitions: 3,
};

describe('rowLines', () => {
  it('shows a figure with its spread', () => {
    expect(rowLines(ROW)).toHaveLength(1);
    expect(rowLines(ROW)[0]).toMatch(/^chain +1,234 \/s \[1,200-1,300\]$/);
  });

  it('shows limit, ratio, goal, processor time and notes, in 118 columns at most', () => {
    const lines = rowLines({
      ...ROW,
      figure: 'a figure whose name is longer than the column that it stands in',
      sync: 'always',
      ...{ limit: 12_340, limitMin: 12_000, limitMax: 12_700, limitName: 'bare chain', ratio: 0.1 },
      goal: { text: '≥ 1,500, ≥ 0.15 x', isMet: false, isStretched: false },
      cpu: {
        per: 'fact',
        micros: { matcher: 900, postgres: 700, ingest: 300, api: 5, a: 4, b: 3, c: 2, d: 1, plugins: 50 },
      },
      notes: ['a note'],
      ...{ quiet: false, othersBefore: 1.3, othersMeanwhile: 0.4 },
    });
    const text = lines.join('\n');
    expect(lines[0]).toBe('a figure whose name is longer than the column that it stands in, sync always');
    expect(lines[1]).toMatch(/1,234 \/s \[1,200-1,300\] +12,340 +0\.10 {2}≥ 1,500, ≥ 0\.15 x: NOT met$/);
    expect(text).toContain('limit: bare chain [12,000-12,700]');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'ours 1,215 (matcher 900, ingest 300, api 5, a 4, b 3, 2 others 3); postgres 700, plugins 50; in all 1,965',
    );
    expect(text).toContain('a note');
    expect(text).toContain('never quiet: others used 100 % of it before, up to 40 % of it meanwhile');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(118);
  });

  it('tells when somebody came in between', () => {
    const [, note] = rowLines({ ...ROW, quiet: true, othersBefore: 0.01, othersMeanwhile: 0.3 });
    expect(note).toContain('did not stay quiet: others used up to 30 %');
    expect(rowLines({ ...ROW, quiet: true, othersBefore: 0.01, othersMeanwhile: 0.1 })).toHaveLength(1);
  });
});

describe('summary', () => {
  it('names what is below its goal', () => {
    const goal = { text: '≥ 2,000', isMet: false, isStretched: false };
    expect(summary([ROW, { ...ROW, goal }, { ...ROW, goal: { ...goal, isMet: true } }])).toEqual([
      '1 of 2 goals are met',
      '    below: chain: 1,234 /s, goal ≥ 2,000',
    ]);
  });
});
