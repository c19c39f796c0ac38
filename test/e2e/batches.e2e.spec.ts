import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from './manifests.js';
import { activeParts, emit, ENDED, explain, type RunItem, runsOf } from './site-activity.js';
import { BATCH_SEEN_HOSTS } from './test-plugins.js';

jest.setTimeout(300_000);

/** Long enough that all facts of a test are in it, whatever else runs. */
const WINDOW = '4s';

describe('batches', () => {
  let site: Site;
  let executable: string;

  beforeAll(async () => {
    site = await Site.start();
    executable = await site.addPlugin('seen-hosts', BATCH_SEEN_HOSTS);
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  /** Declares a subscription of its own type whose facts are gathered; gives the file that has a line for each start. */
  async function declare(name: string, trigger: object, match: object = {}): Promise<string> {
    const file = join(site.stateDir, `${name}.starts`);
    await site.apply(
      manifest(
        plugin(name, executable, { env: { STARTS: file } }),
        subscription(name, `${name}.seen`, name, { match, trigger, retry: { maxAttempts: 1 } }),
      ),
    );
    return file;
  }

  /** Facts `<name>-1`, `<name>-2` … of one type; `payloads` says what they carry. */
  async function emitAll(name: string, payloads: readonly { readonly is?: string }[]): Promise<void> {
    for (const [at, payload] of payloads.entries()) {
      const id = `${name}-${at + 1}`;
      await emit(site, { id, type: `${name}.seen`, subject: id, payload: { serial: '1', ...payload } });
    }
  }

  /** Its runs once all these facts have had one and none is in work. */
  function endedRuns(name: string, facts: number): Promise<RunItem[]> {
    return until(`the runs of ${name}`, async () => {
      const runs = await runsOf(site, name);
      const ids = new Set(runs.flatMap((run) => run.facts.map(({ id }) => id)));
      return ids.size === facts && runs.every(({ state }) => ENDED.includes(state)) ? runs : undefined;
    });
  }

  /** Names of what stands of a subscription. */
  async function hosts(name: string): Promise<string[]> {
    const resources = await site.json<{
      spec: { resources: { kind: string; metadata: { name: string } }[] };
    }>('dynamic', 'render');
    return resources.spec.resources
      .filter(({ kind, metadata }) => kind === 'SeenHost' && metadata.name.startsWith(`${name}-`))
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  it('S9 facts of a window become one run and one part; list, show and explain say so', async () => {
    const starts = await declare('window', { batchWindow: WINDOW });
    await emitAll('window', [{}, {}, {}]);
    const [run, ...others] = await endedRuns('window', 3);
    expect([run?.state, others]).toEqual(['succeeded', []]);
    expect(await readFile(starts, 'utf8')).toBe('window-1,window-2,window-3\n');
    expect(await activeParts(site, 'window')).toHaveLength(1);
    expect(await hosts('window')).toEqual(['window-1', 'window-2', 'window-3']);

    const { stdout: list } = await site.cli('run', 'list', '--subscription', 'window');
    expect(list).toContain('window-1,+2');
    const { stdout: shown } = await site.cli('run', 'show', run!.runId);
    expect(shown).toContain('window-3');
    const { stdout: explained } = await site.cli('event', 'explain', 'window-2');
    expect(explained).toContain('with 2 other facts');
  });

  it('S7 facts are gathered until none comes for a while', async () => {
    const starts = await declare('debounce', { debounce: WINDOW });
    await emitAll('debounce', [{}, {}]);
    await endedRuns('debounce', 2);
    expect(await readFile(starts, 'utf8')).toBe('debounce-1,debounce-2\n');
  });

  it('S19 of a batch of 10 facts with 1 bad 9 are applied and 1 is isolated with its reason', async () => {
    await declare('poison', { batchWindow: WINDOW });
    await emitAll('poison', [{}, {}, {}, {}, {}, {}, { is: 'bad' }, {}, {}, {}]);
    const good = [1, 2, 3, 4, 5, 6, 8, 9, 10].map((n) => `poison-${n}`).sort();
    await until('the others to be applied', async () => (await hosts('poison')).length === good.length);
    expect(await hosts('poison')).toEqual(good);
    const alone = await until('the bad one to fail alone', async () => {
      const runs = await runsOf(site, 'poison');
      return runs.find(({ state, facts }) => state === 'failed' && facts.length === 1);
    });
    expect([alone.facts[0]?.id, alone.error]).toEqual([
      'poison-7',
      expect.stringContaining('poison-7 is bad'),
    ]);

    expect((await explain(site, 'poison-7')).verdict).toContain('poison-7 is bad');
    expect((await explain(site, 'poison-8')).verdict).toContain('was accepted');
    const { stdout } = await site.cli('run', 'show', alone.runId);
    const whole = (await runsOf(site, 'poison')).find(({ facts }) => facts.length === 10);
    expect(stdout).toMatch(new RegExp(`Piece Of: +${whole!.runId}`));
  });

  it('S20 a fact that the plugin ignores or fails is not marked as applied; the others are', async () => {
    await declare('outcomes', { batchWindow: WINDOW });
    await emitAll('outcomes', [{}, { is: 'ignored' }, { is: 'failed' }]);
    const [run] = await endedRuns('outcomes', 3);
    expect(run).toMatchObject({
      state: 'succeeded',
      outcomes: [
        { eventId: 'outcomes-2', outcome: 'ignored', reason: 'it says so' },
        { eventId: 'outcomes-3', outcome: 'failed', reason: 'it says so' },
      ],
    });
    expect(await hosts('outcomes')).toEqual(['outcomes-1']);
    const { stdout } = await site.cli('run', 'show', run!.runId);
    expect(stdout).toMatch(/outcomes-1 .* applied/);
    expect(stdout).toMatch(/outcomes-3 .* failed +it says so/);
    for (const [n, word] of [
      [1, 'was accepted'],
      [2, 'the fact is ignored (it says so)'],
      [3, 'the fact is failed (it says so)'],
    ] as const)
      expect((await explain(site, `outcomes-${n}`)).verdict).toContain(word);
  });

  it('S20 a run of which every fact failed has failed', async () => {
    await declare('all-failed', { batchWindow: '10ms' });
    await emitAll('all-failed', [{ is: 'failed' }]);
    const [run] = await endedRuns('all-failed', 1);
    expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-exit', error: 'it says so' });
  });

  /** One fact about a thing; `serial` is what is seen of it. */
  function seen(name: string, id: string, thing: string, payload: object): Promise<void> {
    return emit(site, {
      id,
      type: `${name}.seen`,
      subject: `${name}-${thing}`,
      payload: { serial: '1', ...payload },
    });
  }

  it('E16 what a newer fact no longer brings goes, and the others of its batch stay and are run again', async () => {
    await declare('left', { batchWindow: '2s' });
    for (const thing of ['a', 'b', 'c']) await seen('left', `left-${thing}-1`, thing, {});
    await until('the batch', async () => (await hosts('left')).length === 3);
    await seen('left', 'left-a-2', 'a', { is: 'ignored' });
    await until('the rest', async () => (await hosts('left')).join() === 'left-b,left-c');
    const rest = (await runsOf(site, 'left')).find(({ remakes }) => remakes);
    expect(rest?.facts.map(({ id }) => id)).toEqual(['left-b-1', 'left-c-1']);
    const { stdout } = await site.cli('run', 'show', rest!.runId);
    expect(stdout).toMatch(/Remakes: .* a newer part has 1 of its 3 lineages/);
  });

  it('E16 what a fact that does not match ends takes nothing else of its batch away', async () => {
    const match = { payload: { serial: '1' } };
    await declare('unmatched', { batchWindow: '2s' }, match);
    for (const thing of ['a', 'b', 'c']) await seen('unmatched', `unmatched-${thing}-1`, thing, {});
    await until('the batch', async () => (await hosts('unmatched')).length === 3);
    await seen('unmatched', 'unmatched-b-2', 'b', { serial: '2' });
    await until('the rest', async () => (await hosts('unmatched')).length < 3);
    expect(await hosts('unmatched')).toEqual(['unmatched-a', 'unmatched-c']);
  });

  it('S15 S18 an operator has a failed run tried again once its plugin is repaired, without the fact being sent again', async () => {
    const broken = await site.addPlugin('repairable', '#!/bin/sh\nexit 4\n');
    await site.apply(
      manifest(
        plugin('repairable', broken, { env: { STARTS: join(site.stateDir, 'repairable.starts') } }),
        subscription('repairable', 'repairable.seen', 'repairable', { retry: { maxAttempts: 1 } }),
      ),
    );
    await seen('repairable', 'repairable-first', 'x', {});
    const [first] = await endedRuns('repairable', 1);
    expect(first).toMatchObject({ state: 'failed', attempt: 1 });

    await site.addPlugin('repairable', BATCH_SEEN_HOSTS);
    await seen('repairable', 'repairable-second', 'y', {});
    await until('the second', async () => (await hosts('repairable')).join() === 'repairable-y');
    const { code, stdout } = await site.cli('run', 'retry', first!.runId);
    expect([code, stdout]).toEqual([0, `${first!.runId}: attempt 2 is planned\n`]);
    await until('the first', async () => (await hosts('repairable')).join() === 'repairable-x,repairable-y');
    const again = await site.cli('run', 'retry', first!.runId);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining('wrong-state')]);
  });
});
