import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT, runCommand, tellNotRun, until } from '@signalbox/testing';
import { programFile, whatLacks } from '../../scripts/ha/programs.mjs';

/** A site starts in it, and nodes die. */
const DEMO_MS = 180_000;
const LACK = whatLacks();
if (LACK !== undefined) tellNotRun('the demo of nodes that die', LACK);

const describeHa = LACK === undefined ? describe : describe.skip;

describeHa('the demo of nodes that die', () => {
  it(
    'exits 0, and every connection lives after each event',
    async () => {
      const { code, stdout, stderr } = await runCommand('npm', ['run', 'demo:ha'], { cwd: CHECKOUT });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('failed')]);
      const lines = [
        ...stdout.matchAll(/^ +([a-z ]+): (\d+) of (\d+) connections alive, longest gap \d+ ms/gm),
      ];
      expect(lines.map(([, what, alive, all]) => `${what}: ${alive} of ${all}`)).toEqual(
        ['nothing', 'killed', 'started', 'cut', 'plugged in', 'drained', 'taken back'].map(
          (what) => `${what}: 60 of 60`,
        ),
      );
      expect(stdout).toMatch(/^Done: all 9 steps hold, no connection was lost /m);
      expect(await left(stdout)).toEqual([]);
    },
    DEMO_MS,
  );

  it(
    'exits 130 on Ctrl-C and leaves nothing behind',
    async () => {
      const demo = spawn(process.execPath, ['scripts/demo-ha.mjs'], { cwd: CHECKOUT });
      let stdout = '';
      demo.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      demo.stderr.resume();
      const ended = once(demo, 'exit');
      await until('the nodes to start', () => stdout.includes('\n3. '), DEMO_MS);
      demo.kill('SIGINT');
      expect(await ended).toEqual([130, null]);
      expect(await left(stdout)).toEqual([]);
    },
    DEMO_MS,
  );
});

/** Namespaces that are left of the world that a demo said to have made. */
async function left(stdout: string): Promise<string[]> {
  const number = /^ +n1 +198\.18\.(\d+)\.21$/m.exec(stdout)?.[1] ?? 'no world was named';
  const { stdout: all } = await runCommand(programFile('ip') ?? '', ['netns', 'list']);
  return all.split('\n').filter((line) => line.startsWith(`sbx-ha-${number}-`));
}
