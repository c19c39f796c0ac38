import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { isNumberBound, type Stored, type StoredKind } from './stored-thing.js';
import { STORED, storedThing } from './stored.js';

const PAGE = 'docs/reference/storage.md';
const HEADINGS: Readonly<Record<StoredKind, string>> = {
  stream: '## Streams',
  table: '## Tables',
  cache: '## Caches',
  queue: '## Queues',
  file: '## Files',
  disk: '## Disk',
};
const TITLES = ['name', 'kept by', 'what', 'bound', 'when full', 'setting'];

/** Rows of the table of a kind, cell by cell. */
function rowsOf(kind: StoredKind): string[][] {
  return STORED.filter((thing) => thing.kind === kind).map(({ name, owner, holds, bound }) => [
    `\`${name}\``,
    owner === 'every service' ? owner : `\`${owner}\``,
    holds,
    boundText(bound),
    isNumberBound(bound) ? bound.whenFull : '',
    (bound.setting ?? '').replace(/[A-Z]+_[A-Z_]+/g, '`$&`'),
  ]);
}

function boundText(bound: Stored['bound']): string {
  if (!isNumberBound(bound)) return bound.rule;
  const { most, unit, per, ageMs } = bound;
  const amount = unit === 'bytes' ? sizeOf(most) : `${most.toLocaleString('en')} ${unit}`;
  const age = ageMs === undefined ? '' : `, ${ageMs / 3_600_000} h`;
  return `${amount}${per === undefined ? '' : ` for each ${per}`}${age}`;
}

function sizeOf(bytes: number): string {
  const isGiB = bytes % 1024 ** 3 === 0;
  return isGiB ? `${bytes / 1024 ** 3} GiB` : `${bytes / 1024 ** 2} MiB`;
}

/** The cells of the first table behind a heading, without its titles. */
function tableOf(page: string, heading: string): string[][] {
  const lines = page.split(`${heading}\n`)[1]?.split('\n') ?? [];
  const first = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return lines.slice(first + 2, first + length).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function withTable(page: string, kind: StoredKind): string {
  const [before = '', behind = ''] = page.split(`${HEADINGS[kind]}\n`);
  const lines = [TITLES, TITLES.map(() => '---'), ...rowsOf(kind)].map((cells) => `| ${cells.join(' | ')} |`);
  return `${before}${HEADINGS[kind]}\n${behind.replace(/(^\|.*\n)+/m, `${lines.join('\n')}\n`)}`;
}

describe('the list of what a site keeps', () => {
  /** `UPDATE_DOCS=1 npm run unit -- --testPathPatterns stored` writes the tables of the page; format it afterwards. */
  it.each(Object.keys(HEADINGS) as StoredKind[])('is what docs/reference/storage.md says: %s', (kind) => {
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), kind));
    expect(tableOf(readFileSync(PAGE, 'utf8'), HEADINGS[kind])).toEqual(rowsOf(kind));
  });

  it('can be set in `.env` of a composed site, as far as variables set it', () => {
    const settings = STORED.flatMap(({ bound }) => bound.setting?.match(/SIGNALBOX_[A-Z_]+/g) ?? []);
    const composed = parse(readFileSync('docker-compose.yml', 'utf8'), {
      merge: true,
      logLevel: 'error',
    }) as {
      'x-environment': Record<string, unknown>;
    };
    expect(Object.keys(composed['x-environment'])).toEqual(expect.arrayContaining(settings));
    expect(settings.length).toBeGreaterThan(0);
  });

  it('names each thing once', () => {
    const names = STORED.map(({ kind, name }) => `${kind} ${name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('finds a thing by its own name or by one that stands for several', () => {
    expect(storedThing('stream', 'FACTS_cloudedge')?.name).toBe('FACTS_<group>');
    expect(storedThing('file', 'nats.log.1')?.name).toBe('nats.log*');
    expect(storedThing('table', 'facts')?.owner).toBe('ingest');
    expect(storedThing('table', 'FACTS_cloudedge')).toBeUndefined();
    expect(storedThing('file', 'natsXlog')).toBeUndefined();
  });
});
