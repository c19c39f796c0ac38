import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { cellText, clip, displayWidth } from './cell.js';
import { detailsText, indented } from './details.js';
import { paintFor } from './colour.js';
import { foldText } from './fold.js';
import { type Column, tableText, type TableScreen } from './table.js';
import { treeText } from './tree.js';

interface Row {
  readonly name: string;
  readonly note?: string | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'NOTE', max: 8, value: ({ note }) => note },
  { title: 'LENGTH', wide: true, value: ({ name }) => name.length },
];

function screenOf(width: number, leftOut: string[] = []): TableScreen {
  return {
    width,
    nowMs: Date.parse('2026-05-30T12:00:00Z'),
    paint: (_style, text) => text,
    onLeftOut: (titles) => leftOut.splice(0, leftOut.length, ...titles),
  };
}

describe('tableText', () => {
  it('pads by display width and leaves no trailing blanks', () => {
    const rows = [{ name: '東京', note: 'a' }, { name: 'abc', note: null }, { name: 'e\u0301x' }];
    expect(tableText(COLUMNS, rows)).toBe('NAME  NOTE\n東京  a\nabc   -\ne\u0301x    -\n');
  });

  it('cuts a long cell in a terminal only, and there not in a wide table', () => {
    const rows = [{ name: 'a', note: 'a long note' }];
    expect(tableText(COLUMNS, rows)).toBe('NAME  NOTE\na     a long note\n');
    expect(tableText(COLUMNS, rows, { screen: screenOf(80) })).toBe('NAME  NOTE\na     a long…\n');
    expect(tableText(COLUMNS, rows, { wide: true, screen: screenOf(80) })).toBe(
      'NAME  NOTE         LENGTH\na     a long note  1\n',
    );
  });

  it('fits a terminal: texts are narrowed, then columns leave by rank, names and states stay whole', () => {
    const columns: readonly Column<Row>[] = [
      { title: 'NAME', value: ({ name }) => name },
      { title: 'STATE', rank: 0, value: () => 'quarantined' },
      { title: 'TYPE', cut: 'start', value: () => 'routerd.client.ipv4.observed' },
      { title: 'SINCE', value: () => '2026-05-30T11:57:00.000Z' },
      { title: 'LATER', rank: 2, value: () => '2026-05-30T14:00:00Z' },
    ];
    const rows = [{ name: 'evt-0123456789abcdef' }];
    const leftOut: string[] = [];
    const at = (width: number, wide = false) =>
      tableText(columns, rows, { wide, screen: screenOf(width, leftOut) });
    expect(at(90)).toContain(
      'evt-0123456789abcdef  quarantined  routerd.client.ipv4.observed  3m ago  in 2h\n',
    );
    expect(at(66)).toContain('evt-0123456789abcdef  quarantined  …t.ipv4.observed  3m ago  in 2h\n');
    expect(at(60)).toContain('evt-0123456789abcdef  quarantined  …nt.ipv4.observed  3m ago\n');
    expect(leftOut).toEqual(['LATER']);
    expect(at(30)).toBe('NAME               STATE\nevt-0123456789ab…  quarantined\n');
    expect(at(40, true)).toBe(
      [
        'NAME   evt-0123456789abcdef',
        'STATE  quarantined',
        'TYPE   routerd.client.ipv4.observed',
        'SINCE  3m ago',
        'LATER  in 2h\n',
      ].join('\n'),
    );
  });

  it('no line is longer than the terminal, whatever the texts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 6, maxLength: 6 }), {
          maxLength: 5,
        }),
        fc.integer({ min: 20, max: 120 }),
        fc.boolean(),
        (rows, width, wide) => {
          const columns = [0, 1, 2, 3, 4, 5].map((index): Column<string[]> => ({
            title: index === 1 ? 'STATE' : `COLUMN_${index}`,
            rank: index % 3,
            value: (row) => row[index]!,
          }));
          const text = tableText(columns, rows, { wide, screen: screenOf(width) });
          for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('colours states and titles', () => {
    const columns: readonly Column<Row>[] = [
      { title: 'STATE', value: ({ name }) => name },
      { title: 'NOTE', value: ({ name }) => name },
    ];
    const screen = { ...screenOf(80), paint: (style: string, text: string) => `<${style}>${text}</>` };
    expect(tableText(columns, [{ name: 'down' }, { name: 'silent, was ready' }], { screen })).toBe(
      '<bold>STATE              NOTE</>\n<red>down</>               down\nsilent, was ready  silent, was ready\n',
    );
  });

  it('keeps a row on one line and drives no terminal', () => {
    expect(cellText('a\n\u001B[31mb\u0000')).toBe('a [31mb');
    expect(cellText('0001-01-01T00:00:00Z')).toBe('-');
    expect(cellText(false)).toBe('false');
    expect(cellText(0)).toBe('0');
  });

  it('measures wide and combining characters', () => {
    expect([displayWidth('ab'), displayWidth('日本'), displayWidth('e\u0301'), displayWidth('✓')]).toEqual([
      2, 4, 1, 1,
    ]);
    expect(clip('日本語', 5)).toBe('日本…');
    expect(clip('abc', 3)).toBe('abc');
  });
});

it('detailsText aligns the values', () => {
  expect(
    detailsText([
      ['A', 1],
      ['Long', undefined],
    ]),
  ).toBe('A:     1\nLong:  -\n');
  expect(indented('a\n\nb\r\n', '  ')).toBe('  a\n\n  b\n');
});

it('treeText draws branches below branches', () => {
  const branches = [
    { text: 'a', branches: [{ text: 'b' }] },
    { text: 'c', branches: [{ text: 'd' }] },
  ];
  expect(treeText(branches)).toBe('├─ a\n│  └─ b\n└─ c\n   └─ d\n');
});

it.each([
  [true, {}, undefined, true],
  [false, {}, undefined, false],
  [true, { NO_COLOR: '1' }, undefined, false],
  [true, { TERM: 'dumb' }, 'auto', false],
  [true, {}, 'false', false],
  [false, { NO_COLOR: '1' }, 'true', true],
  [false, { NO_COLOR: '1' }, 'always', true],
  [true, {}, 'never', false],
])('colour: tty %s, env %j, --color %s: %s', (isTty, env, flag, coloured) => {
  expect(paintFor({ isTty }, env, flag)('red', 'x') !== 'x').toBe(coloured);
});

it.each([
  ['a line that fits', 20, 'a line that fits'],
  ['why:  it did not answer in time', 20, 'why:  it did not\n    answer in time'],
  ['  deep  abcdefghijklmnopqrstuvwxyz', 16, '  deep\n      abcdefghij\n      klmnopqrst\n      uvwxyz'],
  ['\u001B[32mgreen and short\u001B[0m', 15, '\u001B[32mgreen and short\u001B[0m'],
])('foldText %j in %d columns', (text, width, folded) => {
  expect(foldText(text, width)).toBe(folded);
});
