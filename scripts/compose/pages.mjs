// The blocks of README and the compose guide that are tagged docker, typed from top to bottom into a shell.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { check } from './checks.mjs';
import { run } from './engine.mjs';

const PAGES = ['README.md', join('docs', 'guide', 'compose.md')];
const DOCKER_BLOCK = /^```(\w+) docker\n([\s\S]*?)^```$/gm;

/** Runs them in a project of its own, in a checkout of links, so that files they write are not the user's. */
export async function checkPages(project) {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-compose-pages-'));
  for (const entry of readdirSync(ROOT))
    if (entry !== '.env') symlinkSync(join(ROOT, entry), join(dir, entry));
  try {
    for (const page of PAGES)
      for (const { line, script } of dockerBlocks(page))
        await check(`${page}:${line} does what it says`, async () => {
          await run('sh', ['-euc', `cd "$0"\n${script}`, dir], { env: project.env });
        });
  } finally {
    rmSync(dir, { recursive: true, force: true });
    await check('nothing of the pages is left', async () => {
      await project.remove();
      const left = await project.leftovers();
      if (left.length > 0) throw new Error(left.join('\n'));
    });
  }
}

/** Their commands; what a session shows below a command is left out. */
function dockerBlocks(page) {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(DOCKER_BLOCK)].map(({ 1: language, 2: block, index }) => ({
    line: text.slice(0, index).split('\n').length,
    script: language === 'console' ? block.match(/(?<=^\$ ).*$/gm).join('\n') : block,
  }));
}
