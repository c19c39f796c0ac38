import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from './manifests.js';
import {
  activePart,
  activeParts,
  emit,
  endedRun,
  explain,
  type PartItem,
  partsOf,
  runsOf,
} from './site-activity.js';
import { BATCH_SEEN_HOSTS, seenHost, WAITING } from './test-plugins.js';

jest.setTimeout(300_000);

/** One that no machine is too busy to be within, and one that a test can wait for. */
const LONG = '1h';
const GRACE_MS = 4000;
const SHORT = `${GRACE_MS}ms`;
/** One within which a fact can be told on a machine that is busy. */
const PATIENT = '12s';

describe('facts that retract', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start();
    const executable = await site.addPlugin('seen-host', seenHost());
    await site.apply(
      manifest(plugin('seen-host', executable), subscription('sentinel', 'test.sentinel', 'seen-host')),
    );
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  async function declare(
    name: string,
    grace: string,
    change: object = {},
    pluginRef = 'seen-host',
  ): Promise<void> {
    const retract = { types: [`${name}.gone`], grace };
    await site.apply(manifest(subscription(name, `${name}.seen`, pluginRef, { retract, ...change })));
  }

  async function seen(name: string, id: string, about = 'host'): Promise<void> {
    await emit(site, { id, type: `${name}.seen`, subject: `${name}-${about}`, payload: { serial: '1' } });
  }

  async function gone(name: string, id: string, about = 'host'): Promise<number> {
    await emit(site, { id, type: `${name}.gone`, subject: `${name}-${about}` });
    const { body } = await site.rest<{ acceptedAt?: string; observedAt: string }>(
      'GET',
      `/v1/groups/default/events/${id}`,
    );
    return Date.parse(body.acceptedAt ?? body.observedAt);
  }

  /** Everything that was emitted before this call has been matched when it resolves: facts are matched in order. */
  async function everythingMatched(id: string): Promise<void> {
    await emit(site, { id, type: 'test.sentinel', subject: id, payload: { serial: '0' } });
    await activePart(site, 'sentinel', id);
  }

  async function hosts(name: string): Promise<string[]> {
    const { spec } = await site.json<{ spec: { resources: { kind: string; metadata: { name: string } }[] } }>(
      'dynamic',
      'render',
    );
    return spec.resources
      .filter(({ kind, metadata }) => kind === 'SeenHost' && metadata.name.startsWith(`${name}-`))
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  function announced(name: string): Promise<PartItem> {
    return until(`the withdrawal of ${name}`, async () =>
      (await activeParts(site, name)).find(({ withdrawAt }) => withdrawAt !== undefined),
    );
  }

  it('E16 what is to go can be seen everywhere while it stands', async () => {
    await declare('shown', LONG);
    await seen('shown', 'shown-1');
    await activePart(site, 'shown', 'shown-1');
    const acceptedMs = await gone('shown', 'shown-2');
    const part = await announced('shown');
    expect(Date.parse(part.withdrawAt!)).toBeGreaterThanOrEqual(acceptedMs + 3_600_000);
    expect(part.withdrawReason).toBe('fact shown-2 (shown.gone) retracted it');
    const why = await explain(site, 'shown-2');
    expect(why.verdict).toContain(`it ends at ${part.withdrawAt}, unless it is observed again before`);
    const { stdout: described } = await site.cli('dynamic', 'describe', part.source);
    expect(described).toContain(`Withdrawn At:       ${part.withdrawAt}`);
    expect(await hosts('shown')).toEqual(['shown-host']);
  });

  it('E16 what was observed stands for the grace and goes when it is over', async () => {
    await declare('kept', SHORT);
    await seen('kept', 'kept-1');
    await activePart(site, 'kept', 'kept-1');
    const acceptedMs = await gone('kept', 'kept-2');
    const ended = await until('the end of the part', async () =>
      (await partsOf(site, 'kept')).find(({ state }) => state === 'withdrawn'),
    );
    expect(Date.parse(ended.updatedAt)).toBeGreaterThanOrEqual(acceptedMs + GRACE_MS);
    expect([ended.reason, await hosts('kept')]).toEqual(['fact kept-2 (kept.gone) retracted it', []]);
    expect((await explain(site, 'kept-2')).verdict).toContain('1 part ended');
  });

  it('E16 a flap within the grace makes no generation and withdraws nothing; explain names who came later', async () => {
    await declare('flap', LONG);
    await seen('flap', 'flap-1');
    await activePart(site, 'flap', 'flap-1');
    await gone('flap', 'flap-2');
    await announced('flap');
    const generations = async (): Promise<number> =>
      (await site.all<{ added: number }>('/v1/effective-config/generations')).length;
    await seen('flap', 'flap-3');
    await activePart(site, 'flap', 'flap-3');
    await until('the withdrawal to be gone', async () =>
      (await activeParts(site, 'flap')).every(({ withdrawAt }) => withdrawAt === undefined),
    );
    const before = await generations();
    await gone('flap', 'flap-4');
    await announced('flap');
    await seen('flap', 'flap-5');
    await activePart(site, 'flap', 'flap-5');
    expect([await hosts('flap'), await generations()]).toEqual([['flap-host'], before]);
    expect((await partsOf(site, 'flap')).map(({ state }) => state)).toEqual([
      'superseded',
      'superseded',
      'active',
    ]);
    expect((await explain(site, 'flap-4')).verdict).toContain('fact flap-5 came later');
  });

  it('E16 a slow run of what is observed again takes nothing away', async () => {
    const gate = join(site.stateDir, 'slow.gate');
    const executable = await site.addPlugin('slow', seenHost({ first: WAITING }));
    const env = { STARTS: join(site.stateDir, 'slow.starts'), GATE: gate };
    await site.apply(manifest(plugin('slow', executable, { env, timeout: '200s' })));
    await declare('slow', PATIENT, {}, 'slow');
    await writeFile(gate, '');
    await seen('slow', 'slow-1');
    await activePart(site, 'slow', 'slow-1');
    await rm(gate);
    const acceptedMs = await gone('slow', 'slow-2');
    await seen('slow', 'slow-3');
    await everythingMatched('matched-slow');
    // a later withdrawal is over
    await declare('later', PATIENT);
    await seen('later', 'later-1');
    await activePart(site, 'later', 'later-1');
    expect(await gone('later', 'later-2')).toBeGreaterThan(acceptedMs);
    await until('the later one to end', async () => (await activeParts(site, 'later')).length === 0);
    const [part] = await activeParts(site, 'slow');
    expect([part?.withdrawAt, await hosts('slow')]).toEqual([undefined, ['slow-host']]);
    expect((await runsOf(site, 'slow')).map(({ state }) => state).sort()).toEqual(['running', 'succeeded']);
    await writeFile(gate, '');
    await activePart(site, 'slow', 'slow-3');
  });

  it('E16 of a batch only what is retracted goes: the others are run again and nothing is gone in between', async () => {
    const file = join(site.stateDir, 'batch.starts');
    const executable = await site.addPlugin('seen-hosts', BATCH_SEEN_HOSTS);
    await site.apply(manifest(plugin('batch', executable, { env: { STARTS: file } })));
    await declare('batch', SHORT, { trigger: { batchWindow: '6s' } }, 'batch');
    for (const n of [1, 2, 3]) await seen('batch', `batch-${n}`, `h${n}`);
    await activePart(site, 'batch', 'batch-3');
    expect(await hosts('batch')).toEqual(['batch-h1', 'batch-h2', 'batch-h3']);
    await gone('batch', 'batch-4', 'h2');
    await until('the host to go', async () => (await hosts('batch')).length === 2);
    expect(await hosts('batch')).toEqual(['batch-h1', 'batch-h3']);
    const [part, ...others] = await activeParts(site, 'batch');
    const run = (await runsOf(site, 'batch')).find(({ runId }) => runId === part?.runId);
    expect([run?.facts.map(({ id }) => id), others]).toEqual([['batch-1', 'batch-3'], []]);
  });

  it('E16 without a grace it goes at once, and a change of the subscription does not bring it back', async () => {
    await declare('held', LONG);
    await seen('held', 'held-1');
    await activePart(site, 'held', 'held-1');
    await declare('held', '0s');
    await activePart(site, 'held', 'held-1');
    await gone('held', 'held-2');
    await until('the end of the part', async () => (await activeParts(site, 'held')).length === 0);
    // the observation is still valid
    await declare('held', SHORT);
    await everythingMatched('matched-held');
    expect(await hosts('held')).toEqual([]);
    const runs = await runsOf(site, 'held');
    expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    await seen('held', 'held-3');
    await endedRun(site, 'held', 'held-3');
    expect(await hosts('held')).toEqual(['held-host']);
  });
});
