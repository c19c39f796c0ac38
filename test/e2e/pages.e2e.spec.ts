import { describe, expect, it } from '@jest/globals';
import { tellNotRun } from '@signalbox/testing';
import { agrees, type Block, blocksOf, pages, readBlocks, stepsOf } from './page-blocks.js';
import { PageShell } from './page-shell.js';

const PAGE_MS = 600_000;
const isRoot = process.getuid?.() === 0;

describe('blocks of README and guides', () => {
  it.each(pages())('X42 every block of %s says what becomes of it: run, root, docker or display', (page) => {
    const untagged = blocksOf(page).filter(({ tag }) => tag === undefined);
    expect(untagged.map(({ line, language }) => `${page}:${line} ${language}`)).toEqual([]);
  });

  it('X42 reads language, tag and file of a block, and the commands of a session', () => {
    const page = ['```sh run', 'a', '```', '```yaml run file=x/y.yaml', 'k: v', '```', '```js', '1', '```'];
    expect(readBlocks('p', page.join('\n'))).toEqual([
      { page: 'p', line: 1, language: 'sh', tag: 'run', file: undefined, text: 'a' },
      { page: 'p', line: 4, language: 'yaml', tag: 'run', file: 'x/y.yaml', text: 'k: v' },
      { page: 'p', line: 7, language: 'js', tag: undefined, file: undefined, text: '1' },
    ]);
    const session: Block = { ...readBlocks('p', '```console run\n```')[0]!, text: '$ a |\n  b\n1\n$ c\n2' };
    expect(stepsOf(session)).toEqual([
      { command: 'a |\n  b', shown: ['1'] },
      { command: 'c', shown: ['2'] },
    ]);
  });

  it('X42 compares first words in their order, leaves out times and ids, and … is anything', () => {
    const came = 'ID  GROUP\nevt-1234567890abcdef  default\nstate up\nweb1 down\n';
    expect(agrees(['ID  GROUP', 'evt-0000000000000000  other', '…', 'web1 up'], came)).toBe(true);
    expect(agrees(['web1', 'state'], came)).toBe(false);
    expect(agrees(['web2'], came)).toBe(false);
  });
});

describe.each(pages().filter((page) => blocksOf(page).some(({ tag }) => tag === 'run')))('%s', (page) => {
  const toRun = blocksOf(page).filter(({ tag }) => tag === 'run' || (tag === 'root' && isRoot));
  if (blocksOf(page).some(({ tag }) => tag === 'root') && !isRoot)
    tellNotRun(`blocks of ${page} that are tagged root`, 'this is an ordinary user');
  it(
    'X42 does what it says, from top to bottom',
    async () => {
      const reader = new PageShell();
      try {
        for (const block of toRun) await reader.run(block);
      } finally {
        await reader.close();
      }
    },
    PAGE_MS,
  );
});
