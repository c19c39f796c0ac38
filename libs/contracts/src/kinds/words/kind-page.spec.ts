import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describedKinds } from './described-kind.js';
import { kindPage, kindsIndex } from './kind-page.js';

const DIR = 'docs/reference/kinds';

/** `UPDATE_DOCS=1 npm run unit -- --testPathPatterns 'kinds/words'` writes words first, then these pages. */
describe('docs/reference/kinds', () => {
  const pages = new Map([
    ['README.md', kindsIndex(describedKinds())],
    ...describedKinds().map((kind) => [`${kind.kind}.md`, kindPage(kind)] as const),
  ]);
  if (process.env['UPDATE_DOCS']) {
    rmSync(DIR, { recursive: true, force: true });
    mkdirSync(DIR);
    for (const [name, page] of pages) writeFileSync(join(DIR, name), page);
  }

  it('has a page for each kind, and no other', () => {
    expect(readdirSync(DIR).sort()).toEqual([...pages.keys()].sort());
  });

  it.each([...pages])('%s says what the schema and its words say', (name, page) => {
    expect(readFileSync(join(DIR, name), 'utf8')).toBe(page);
  });
});
