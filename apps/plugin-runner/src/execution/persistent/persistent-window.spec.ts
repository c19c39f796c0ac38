import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { puppetOf, Stage } from './puppet.fixture.js';

/** One process has all that is asked: two requests at least are open at once. */
const ONE = { concurrency: 1 };

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
  // the program has started
  await stage.pid(ONE);
});
afterEach(() => stage.close());

describe('several requests open on one process', () => {
  test('may be answered in any order', async () => {
    const answered: string[] = [];
    const runs = ['hold first', 'release second'].map(async (tag) => {
      const { name } = puppetOf(await stage.execute(tag, ONE));
      answered.push(name);
    });
    await Promise.all(runs);
    expect(answered).toEqual(['second', 'first']);
    expect(stage.ends).toEqual([]);
  });

  test('each have their time from their turn on', async () => {
    const spec = { ...ONE, timeout: '3500ms' };
    const runs = await Promise.all(['block 2000', 'block 2001'].map((tag) => stage.execute(tag, spec)));
    expect(runs.map((run) => puppetOf(run).reads).sort()).toEqual([1, 2]);
  }, 60_000);
});

describe('a process that has to be ended', () => {
  test('because it exits: the run that makes it exit fails, the others are run again', async () => {
    const [slow, exit, after] = await Promise.all(
      ['slow a', 'exit 3', 'slow b'].map((tag) => stage.execute(tag, ONE)),
    );
    expect([puppetOf(slow!).name, puppetOf(after!).name]).toEqual(['a', 'b']);
    expect([exit!.error?.code, exit!.execution.exitCode]).toEqual(['plugin-exit', 3]);
    expect(exit!.execution.stderr).toContain('no quota');
  }, 60_000);

  test('because of a deadline: the run whose turn it is fails, the others are run again', async () => {
    const spec = { ...ONE, timeout: '1s' };
    const [hang, held] = await Promise.all([stage.execute('hang', spec), stage.execute('slow a', spec)]);
    expect(hang.error?.code).toBe('plugin-timeout');
    expect(puppetOf(held).name).toBe('a');
  }, 60_000);

  test('because a line names no request: it is found out whose line that is', async () => {
    const [slow, wrong] = await Promise.all(['slow a', 'untagged b'].map((tag) => stage.execute(tag, ONE)));
    expect(puppetOf(slow!).name).toBe('a');
    expect(wrong!.error?.code).toBe('plugin-output-invalid');
  }, 60_000);

  test('a start is told once, however often a run is run', async () => {
    const begun: string[] = [];
    const onStart = (digest = 'none'): Promise<void> => Promise.resolve(void begun.push(digest));
    await Promise.all(['slow a', 'exit 3'].map((tag) => stage.execute(tag, ONE, { onStart })));
    expect(begun).toHaveLength(2);
  }, 60_000);
});
