import { describe, expect, it } from '@jest/globals';
import { cellText, clip, displayWidth } from './cell.js';
import { detailsText, indented } from './details.js';
import { paintFor } from './colour.js';
import { type Column, tableText } from './table.js';
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

describe('tableText', () => {
  it('pads by display width and leaves no trailing blanks', () => {
    const rows = [{ name: '東京', note: 'a' }, { name: 'abc', note: null }, { name: 'e\u0301x' }];
    expect(tableText(COLUMNS, rows)).toBe('NAME  NOTE\n東京  a\nabc   -\ne\u0301x    -\n');
  });

  it('clips a long cell, except in a wide table', () => {
    const rows = [{ name: 'a', note: 'a long note' }];
    expect(tableText(COLUMNS, rows)).toBe('NAME  NOTE\na     a long…\n');
    expect(tableText(COLUMNS, rows, { wide: true })).toBe(
      'NAME  NOTE         LENGTH\na     a long note  1\n',
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
])('colour: tty %s, env %j, --color %s: %s', (isTty, env, flag, coloured) => {
  expect(paintFor({ isTty }, env, flag)('red', 'x') !== 'x').toBe(coloured);
});
