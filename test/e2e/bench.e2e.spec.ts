import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHECKOUT, type CommandResult, runCommand } from '@signalbox/testing';

/** For hangs only. Milliseconds. */
const TEST_MS = 300_000;

interface Row {
  readonly figure: string;
  readonly value: number;
  readonly repetitions: number;
  readonly limit?: number;
  readonly ratio?: number;
  readonly goal?: { readonly text: string; readonly isMet: boolean };
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-bench-e2e-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function bench(...args: string[]): Promise<CommandResult> {
  const env = { ...process.env, BENCH_SECONDS: '0.2', BENCH_RESULTS: join(directory, 'results.json') };
  return runCommand(process.execPath, ['scripts/bench.mjs', ...args], { cwd: CHECKOUT, env });
}

describe('the bench', () => {
  it('says what it measures', async () => {
    const { code, stdout } = await bench('--help');
    expect(code).toBe(0);
    for (const part of ['facts', 'chain', 'plugins', 'config', 'sinks', 'rebuild', 'federation', 'health'])
      expect(stdout).toMatch(new RegExp(`^ {2}${part} `, 'm'));
  });

  it.each([
    [['fats'], 'bench: there is no part fats; the parts are domain, idle, facts'],
    [['--sync', 'never'], 'bench: --sync is never: expected default, always or both'],
    [['--fast'], "bench: Unknown option '--fast'"],
  ])('refuses %j and starts nothing', async (args, message) => {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help tells more');
  });

  it(
    'writes every figure of a part with its limit and its goal',
    async () => {
      const { code, stdout } = await bench('--quick', 'domain');
      expect(code).toBe(0);
      expect(stdout).toContain('one repetition, --quick');
      const results = JSON.parse(readFileSync(join(directory, 'results.json'), 'utf8')) as {
        readonly quick: boolean;
        readonly failed: string[];
        readonly rows: Row[];
      };
      expect(results).toMatchObject({ quick: true, failed: [] });
      expect(results.rows.map(({ figure }) => figure)).toEqual([
        'facts decided, 10 subscriptions',
        'facts decided, 1,000 subscriptions',
        'facts decided, 100,000 subscriptions',
        'index memory per subscription',
      ]);
      const most = results.rows[2]!;
      expect(most).toMatchObject({ repetitions: 1, goal: { text: '≥ 0.9 x' } });
      expect(most.ratio).toBeCloseTo(most.value / most.limit!);
      for (const { figure } of results.rows) expect(stdout).toContain(figure);
    },
    TEST_MS,
  );
});
