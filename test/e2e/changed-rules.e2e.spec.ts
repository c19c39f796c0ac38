import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Site, until } from '@signalbox/testing';
import type { RunPage } from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, subscription } from './manifests.js';
import { activePart, activeParts, emit, endedRun, explain, runsOf } from './site-activity.js';
import { seenHost, WAITING } from './test-plugins.js';

jest.setTimeout(300_000);

const FIRST = { payload: { serial: '1' } };

describe('subscriptions that are suspended, or changed for new facts only', () => {
  let site: Site;
  let sentinels = 0;

  beforeAll(async () => {
    site = await Site.start();
    const executable = await site.addPlugin('sentinel', seenHost());
    await site.apply(
      manifest(plugin('sentinel', executable), subscription('sentinel', 'test.sentinel', 'sentinel')),
    );
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  /** Everything that was emitted before this call has been matched when it resolves: facts are matched in order. */
  async function everythingMatched(): Promise<void> {
    sentinels += 1;
    const id = `sentinel-${sentinels}`;
    await emit(site, { id, type: 'test.sentinel', subject: id, payload: { serial: '0' } });
    await activePart(site, 'sentinel', id);
  }

  function say(id: string, subject: string, serial: string): Promise<void> {
    return emit(site, { id, type: `${subject.split('-')[0]!}.seen`, subject, payload: { serial } });
  }

  /** Facts of the runs of a subscription, one entry for each run. */
  async function ran(name: string): Promise<string[]> {
    return (await runsOf(site, name)).flatMap(({ facts }) => facts.map(({ id }) => id)).sort();
  }

  async function stands(name: string): Promise<string[]> {
    const made = new Set((await activeParts(site, name)).map(({ runId }) => runId));
    const runs = (await runsOf(site, name)).filter(({ runId }) => made.has(runId));
    return runs.flatMap(({ facts }) => facts.map(({ id }) => id)).sort();
  }

  it('S11 a suspended subscription records matches and runs nothing; what waited runs when that is lifted, and nothing else', async () => {
    const executable = await site.addPlugin('held', seenHost());
    const held = (suspend?: boolean) => subscription('held', 'held.seen', 'held', { match: FIRST, suspend });
    await site.apply(manifest(plugin('held', executable), held()));
    for (const id of ['held-a', 'held-b']) {
      await say(id, id, '1');
      await activePart(site, 'held', id);
    }

    await site.apply(manifest(held(true)));
    await say('held-c', 'held-c', '1');
    // its withdrawals go on
    await say('held-b2', 'held-b', '2');
    await until('what no longer matches to end', async () => (await stands('held')).join() === 'held-a');
    const { body } = await site.rest<RunPage>('GET', '/v1/runs?subscription=held');
    const waiting = { waitsFor: 'EventSubscription/held', reason: 'subscription-suspended' };
    expect(body.waiting).toMatchObject([{ subscription: 'held', ...waiting }]);
    await until('the alarm that counts the fact', async () => {
      const { body: alarms } = await site.rest<{ items: { kind: string; text: string }[] }>(
        'GET',
        '/v1/alarms',
      );
      return alarms.items.some(({ kind, text }) => kind === waiting.reason && text.endsWith('1 fact waits'));
    });
    const { decisions } = await explain(site, 'held-c');
    expect(decisions.find(({ subscription: name }) => name === 'held')).toEqual({
      subscription: 'held',
      matched: true,
      ...waiting,
    });
    const listed = await until('the count of the list', async () => {
      const { stderr } = await site.cli('run', 'list', '--subscription', 'held');
      return stderr.includes('1 fact waits') ? stderr : undefined;
    });
    expect(listed).toContain('EventSubscription/held is suspended: take spec.suspend away to go on');

    await site.kill();
    await site.up();
    await everythingMatched();
    expect(await ran('held')).toEqual(['held-a', 'held-b']);

    await site.apply(manifest(held()));
    await activePart(site, 'held', 'held-c');
    expect(await ran('held')).toEqual(['held-a', 'held-b', 'held-c']);
    const after = (await explain(site, 'held-c')).decisions.find(({ subscription: name }) => name === 'held');
    expect(after).toEqual({ subscription: 'held', matched: true });
  });

  it('S11 a plugin that was suspended runs nothing a second time when that is lifted', async () => {
    const executable = await site.addPlugin('rested', seenHost());
    await site.apply(manifest(plugin('rested', executable), subscription('rested', 'rested.seen', 'rested')));
    await say('rested-a', 'rested-a', '1');
    await activePart(site, 'rested', 'rested-a');
    await site.apply(manifest(plugin('rested', executable, { suspend: true })));
    await say('rested-b', 'rested-b', '1');
    await everythingMatched();
    await site.apply(manifest(plugin('rested', executable)));
    await activePart(site, 'rested', 'rested-b');
    expect(await ran('rested')).toEqual(['rested-a', 'rested-b']);
  });

  it('S23 with `onChange: ignore` a changed rule is for new facts only, over a restart too', async () => {
    const starts = join(site.stateDir, 'calm-starts');
    const gate = join(site.stateDir, 'calm-gate');
    const executable = await site.addPlugin('calm', seenHost({ first: WAITING }));
    const calm = (serial: string) =>
      subscription('calm', 'calm.seen', 'calm', { match: { payload: { serial } }, onChange: 'ignore' });
    await writeFile(gate, '');
    await say('calm-a', 'calm-a', '1');
    // new, so it decides the facts that hold
    await site.apply(
      manifest(plugin('calm', executable, { env: { STARTS: starts, GATE: gate } }), calm('1')),
    );
    await activePart(site, 'calm', 'calm-a');
    await rm(gate);
    await say('calm-b', 'calm-b', '1');
    await until('the run to be at work', async () => (await readFile(starts, 'utf8')).length > 8);

    await site.apply(manifest(calm('2')));
    await writeFile(gate, '');
    await activePart(site, 'calm', 'calm-b');
    await say('calm-c', 'calm-c', '1');
    await say('calm-d', 'calm-d', '2');
    await activePart(site, 'calm', 'calm-d');
    await site.kill();
    await site.up();
    await everythingMatched();
    expect(await stands('calm')).toEqual(['calm-a', 'calm-b', 'calm-d']);
    expect(await ran('calm')).toEqual(['calm-a', 'calm-b', 'calm-d']);

    const decided = async (id: string): Promise<unknown> =>
      (await explain(site, id)).decisions.find(({ subscription: name }) => name === 'calm');
    const { revision } = await endedRun(site, 'calm', 'calm-d');
    expect(await decided('calm-a')).toEqual({ subscription: 'calm', matched: true, changedAt: revision });
    expect(await decided('calm-c')).toMatchObject({ matched: false, clause: 'payload' });
    const { stdout } = await site.cli('event', 'explain', 'calm-a', '--group', 'default');
    expect(stdout).toContain(`calm: matched (changed at revision ${revision}, for new facts only)`);

    // a new fact renews, or ends, what older ones of its lineage led to
    await say('calm-a2', 'calm-a', '2');
    await say('calm-b2', 'calm-b', '3');
    await activePart(site, 'calm', 'calm-a2');
    await until('the old parts to go', async () => (await stands('calm')).join() === 'calm-a2,calm-d');
  });
});
