import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FEDERATION_API } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { CHECKOUT, Site, until } from '@signalbox/testing';
import { manifest, plugin, resource, subscription } from './manifests.js';
import {
  activePart,
  activeParts,
  type DiffAnswer,
  emit,
  endedRun,
  explain,
  partsOf,
  type RouterDocument,
  type RunItem,
  runsOf,
} from './site-activity.js';
import { FAILING, HANGING, seenHost, WAITING } from './test-plugins.js';

jest.setTimeout(300_000);

const CLAIM_GROUP = 'cloudedge';
const CLAIM_ADDRESS = '10.88.60.9/32';
const CLAIM_ID = 's1-claim';

describe('subscriptions', () => {
  let site: Site;
  let executable: string;
  let sentinels = 0;

  beforeAll(async () => {
    site = await Site.start();
    executable = await site.addPlugin('seen-host', seenHost());
    const example = join(CHECKOUT, 'examples', 'plugins', 'event-to-remote-claim');
    await site.addPlugin('event-to-remote-claim', await readFile(example, 'utf8'));
    await site.apply(
      manifest(plugin('seen-host', executable), subscription('sentinel', 'test.sentinel', 'seen-host')),
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

  async function firstFailure(id: string, name: string): Promise<[boolean, string | undefined]> {
    const decision = (await explain(site, id)).decisions.find((one) => one.subscription === name);
    return [decision?.matched ?? true, decision?.clause];
  }

  async function startsIn(file: string): Promise<number> {
    return (await readFile(file, 'utf8')).split('\n').length - 1;
  }

  async function deleteResource(kind: string, name: string): Promise<void> {
    const { code, stderr } = await site.cli('delete', kind, name);
    expect([code, stderr]).toEqual([0, '']);
  }

  async function emitClaim(...more: string[]): Promise<string> {
    const { code, stderr } = await site.cli(
      ...['event', 'emit', '--group', CLAIM_GROUP, '--type', 'routerd.client.ipv4.observed'],
      ...[
        '--subject',
        CLAIM_ADDRESS,
        '--payload',
        'ownerSide=onprem',
        '--observed-at',
        '2026-05-30T12:00:00Z',
      ],
      ...more,
    );
    expect(code).toBe(0);
    return stderr;
  }

  it('S1 a matching fact runs the plugin once and becomes one part with four annotations', async () => {
    const file = join(CHECKOUT, 'examples', 'event-federation', 'receiver-cloud.yaml');
    const port = await freePort();
    const applied = await site.cli('apply', '-f', file, '--var', `listenPort=${port}`);
    expect([applied.code, applied.stderr]).toEqual([0, '']);
    await emitClaim('--id', CLAIM_ID);

    const run = await until('the run', async () => {
      const runs = await site.json<RunItem[]>('run', 'list', '--event-id', CLAIM_ID);
      return runs.find(({ state }) => state === 'succeeded');
    });
    expect(run).toMatchObject({ subscription: 'cloud-claims', attempt: 1, plugin: 'event-to-remote-claim' });
    expect(run.executions).toMatchObject([{ attempt: 1, exitCode: 0, outcome: 'proposed' }]);
    expect(await partsOf(site, 'cloud-claims')).toMatchObject([
      { source: run.source, generation: 1, state: 'active', resources: 1, runId: run.runId },
    ]);
    const { spec } = await site.json<RouterDocument>('dynamic', 'render');
    const claims = spec.resources.filter(({ kind }) => kind === 'RemoteAddressClaim');
    expect(claims.map(({ metadata }) => metadata.annotations)).toEqual([
      {
        'routerd.net/dynamic-source': 'EventSubscription/cloud-claims',
        'routerd.net/event-group': CLAIM_GROUP,
        'routerd.net/event-id': CLAIM_ID,
        'routerd.net/event-subject': CLAIM_ADDRESS,
      },
    ]);
  });

  it('S2 the same id again makes no new run, part or render entry', async () => {
    const before = await site.json<RouterDocument>('dynamic', 'render');
    expect(await emitClaim('--id', CLAIM_ID)).toContain('already');
    // a later fact of the same group and subscription is through: so is the repeat
    await emitClaim('--id', 's2-later', '--subject', '10.88.60.10/32');
    await activePart(site, 'cloud-claims', 's2-later');

    const runs = await runsOf(site, 'cloud-claims');
    expect(runs.map(({ facts: [fact] }) => fact?.id).sort()).toEqual([CLAIM_ID, 's2-later']);
    const parts = await partsOf(site, 'cloud-claims');
    expect(parts.map(({ generation, state }) => [generation, state])).toEqual([
      [1, 'active'],
      [1, 'active'],
    ]);
    const after = await site.json<RouterDocument>('dynamic', 'render');
    const isOlder = ({ metadata }: { metadata: { name: string } }): boolean =>
      metadata.name !== 'onprem-10-88-60-10';
    expect(after.spec.resources.filter(isOlder)).toEqual(before.spec.resources);
  });

  it('S3 a fact of the wrong type, prefix, payload or source is stored and starts nothing; explain names the clause', async () => {
    const match = { subjectPrefixes: ['10.3.'], payload: { side: 'a' } };
    await site.apply(
      manifest(
        subscription('s3', 's3.seen', 'seen-host', { match }),
        subscription('s3-elsewhere', 's3.seen', 'seen-host', { match: { sourceNodes: ['elsewhere'] } }),
      ),
    );
    const right = { type: 's3.seen', subject: '10.3.0.1', payload: { side: 'a' } };
    const wrong = {
      's3-type': [{ ...right, type: 's3.other' }, 's3', 'types'],
      's3-prefix': [{ ...right, subject: '10.4.0.1' }, 's3', 'subjectPrefixes'],
      's3-payload': [{ ...right, payload: { side: 'b' } }, 's3', 'payload'],
      's3-no-payload': [{ type: 's3.seen', subject: '10.3.0.2' }, 's3', 'payload'],
      's3-source': [right, 's3-elsewhere', 'sourceNodes'],
    } as const;
    for (const [id, [fact]] of Object.entries(wrong)) await emit(site, { id, ...fact });
    await everythingMatched();

    for (const [id, [, name, clause]] of Object.entries(wrong)) {
      expect([id, ...(await firstFailure(id, name))]).toEqual([id, false, clause]);
      expect((await explain(site, id)).runs.filter((run) => run.subscription === name)).toEqual([]);
    }
    expect(await runsOf(site, 's3-elsewhere')).toEqual([]);
    expect(await partsOf(site, 's3-elsewhere')).toEqual([]);
    const runs = await runsOf(site, 's3');
    expect(runs.map(({ facts: [fact] }) => fact?.id)).toEqual(['s3-source']);
  });

  it('S4 a fact that has expired starts no run, and explain says so', async () => {
    await site.apply(manifest(subscription('s4', 's4.seen', 'seen-host')));
    const [observedAt, expiresAt] = ['2026-05-30T12:00:00Z', '2026-05-30T12:00:01Z'];
    await emit(site, { id: 's4-expired', type: 's4.seen', subject: 's4', observedAt, expiresAt });
    await everythingMatched();

    expect(await runsOf(site, 's4')).toEqual([]);
    expect(await partsOf(site, 's4')).toEqual([]);
    expect(await firstFailure('s4-expired', 's4')).toEqual([false, 'expired']);
  });

  it('a fact older than the newest of its lineage starts no run, and explain says so', async () => {
    await site.apply(manifest(subscription('late', 'late.seen', 'seen-host')));
    const fact = { type: 'late.seen', subject: 'late', payload: { serial: '1' } };
    await emit(site, { id: 'late-newer', ...fact, observedAt: '2026-05-30T12:00:01Z' });
    await emit(site, { id: 'late-older', ...fact, observedAt: '2026-05-30T12:00:00Z' });
    await everythingMatched();

    await activePart(site, 'late', 'late-newer');
    expect((await runsOf(site, 'late')).map(({ facts: [first] }) => first?.id)).toEqual(['late-newer']);
    expect(await firstFailure('late-older', 'late')).toEqual([false, 'superseded']);
  });

  it('S5 a plugin that always fails is tried three times, then the run has failed and a dead letter says why', async () => {
    const starts = join(site.stateDir, 's5-starts');
    const failing = await site.addPlugin('failing', FAILING);
    await site.apply(
      manifest(
        plugin('failing', failing, { env: { STARTS: starts, CODE: '3' } }),
        subscription('s5', 's5.seen', 'failing'),
      ),
    );
    await emit(site, { id: 's5-doomed', type: 's5.seen', subject: 's5' });

    const run = await endedRun(site, 's5', 's5-doomed');
    expect(run).toMatchObject({ state: 'failed', attempt: 3, maxAttempts: 3, errorCode: 'plugin-exit' });
    expect(run.executions.map(({ attempt, exitCode }) => [attempt, exitCode])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    await until('the dead letter', async () => {
      const letters = await site.json<{ code: string; about: { runId?: string } }[]>('dead', 'list');
      return letters.some(({ code, about }) => code === 'plugin-exit' && about.runId === run.runId);
    });
    await emit(site, { id: 's5-next', type: 's5.seen', subject: 's5' });
    await endedRun(site, 's5', 's5-next');
    expect(await startsIn(starts)).toBe(6);
    expect((await endedRun(site, 's5', 's5-doomed')).attempt).toBe(3);
    expect(await partsOf(site, 's5')).toEqual([]);
  });

  it('S6 the claims of two facts coexist in the effective config', async () => {
    await site.apply(manifest(subscription('s6', 's6.seen', 'seen-host')));
    for (const host of ['s6-a', 's6-b']) {
      await emit(site, { id: host, type: 's6.seen', subject: host, payload: { serial: '1' } });
      await activePart(site, 's6', host);
    }
    expect((await seenHosts()).filter(([name]) => name.startsWith('s6-'))).toEqual([
      ['s6-a', '1'],
      ['s6-b', '1'],
    ]);
  });

  /** Name and serial of every SeenHost of the effective config. */
  async function seenHosts(): Promise<[string, unknown][]> {
    const { spec } = await site.json<RouterDocument>('dynamic', 'render');
    return spec.resources
      .filter(({ kind }) => kind === 'SeenHost')
      .map(({ metadata, spec: body }) => [metadata.name, body['serial']]);
  }

  it('S23 a subscription applied after the fact starts a run for it while it is live', async () => {
    const facts = { type: 'after.seen', payload: { serial: '1' } };
    await emit(site, { id: 'after-live', subject: 'after-live', ...facts });
    const [observedAt, expiresAt] = ['2026-05-30T12:00:00Z', '2026-05-30T12:00:01Z'];
    await emit(site, { id: 'after-expired', subject: 'after-expired', ...facts, observedAt, expiresAt });
    await everythingMatched();
    await site.apply(manifest(subscription('after', 'after.seen', 'seen-host')));
    await activePart(site, 'after', 'after-live');
    expect((await runsOf(site, 'after')).map(({ facts: [first] }) => first?.id)).toEqual(['after-live']);
  });

  it('a deleted subscription withdraws its parts at once, and only its own', async () => {
    await site.apply(
      manifest(
        subscription('gone', 'gone.seen', 'seen-host'),
        subscription('stays', 'stays.seen', 'seen-host'),
      ),
    );
    for (const name of ['gone', 'stays']) {
      await emit(site, {
        id: `${name}-1`,
        type: `${name}.seen`,
        subject: `${name}-host`,
        payload: { serial: '1' },
      });
      await activePart(site, name, `${name}-1`);
    }
    await deleteResource('EventSubscription', 'gone');
    const parts = await until('the withdrawal', async () => {
      const all = await partsOf(site, 'gone');
      return all.every(({ state }) => state !== 'active') && all;
    });
    expect(parts).toMatchObject([{ state: 'withdrawn', generation: 1 }]);
    await until('the next generation', async () =>
      (await seenHosts()).every(([name]) => name !== 'gone-host'),
    );
    expect((await activeParts(site, 'stays')).length).toBe(1);
    expect(await seenHosts()).toContainEqual(['stays-host', '1']);
  });

  it('runs of a plugin that does not exist yet wait for it', async () => {
    await site.apply(manifest(subscription('early', 'early.seen', 'late-plugin')));
    for (const serial of ['1', '2'])
      await emit(site, {
        id: `early-${serial}`,
        type: 'early.seen',
        subject: `early-${serial}`,
        payload: { serial },
      });
    await everythingMatched();
    expect((await runsOf(site, 'early')).filter(({ attempt }) => attempt > 0)).toEqual([]);
    expect(await firstFailure('early-1', 'early')).toEqual([true, undefined]);

    await site.apply(manifest(plugin('late-plugin', executable)));
    for (const id of ['early-1', 'early-2'])
      expect(await endedRun(site, 'early', id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it('S23 a changed rule is evaluated again: what no longer matches is withdrawn, what matches again is renewed', async () => {
    const rule = (side: string) =>
      manifest(subscription('rule', 'rule.seen', 'seen-host', { match: { payload: { serial: side } } }));
    await site.apply(rule('1'));
    for (const serial of ['1', '2'])
      await emit(site, {
        id: `rule-${serial}`,
        type: 'rule.seen',
        subject: `rule-${serial}`,
        payload: { serial },
      });
    const first = await activePart(site, 'rule', 'rule-1');
    expect(await firstFailure('rule-2', 'rule')).toEqual([false, 'payload']);

    await site.apply(rule('2'));
    await activePart(site, 'rule', 'rule-2');
    await until('the withdrawal', async () => {
      const parts = await partsOf(site, 'rule');
      return parts.some(({ source, state }) => source === first.source && state === 'withdrawn');
    });
    expect(await firstFailure('rule-1', 'rule')).toEqual([false, 'payload']);

    await site.apply(rule('1'));
    const renewed = await until('the part at the newest rule', async () => {
      const parts = await activeParts(site, 'rule');
      return parts.find(({ source, generation }) => source === first.source && generation === 2);
    });
    const runs = (await runsOf(site, 'rule')).filter(({ source }) => source === first.source);
    expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect(new Set(runs.map(({ revision }) => revision)).size).toBe(2);
    expect(renewed.runId).toBe(runs[0]?.runId);
  });

  it('S23 a subscription that moves to another group leaves what followed from the old one, and can move back', async () => {
    const groups = { old: 'default', young: 'moves-to' };
    const inGroup = (groupRef: string): string => {
      const { spec, ...rest } = subscription('moves', 'moves.seen', 'seen-host');
      return manifest({ ...rest, spec: { ...spec, groupRef } });
    };
    const seen = (id: string, group: string): Promise<void> =>
      emit(site, { id, type: 'moves.seen', subject: id, payload: { serial: '1' } }, group);

    await site.apply(manifest(resource(FEDERATION_API, 'EventGroup', groups.young, { nodeName: 'edge' })));
    await site.apply(inGroup(groups.old));
    for (const group of Object.values(groups)) await seen(`moves-before-${group}`, group);
    await activePart(site, 'moves', `moves-before-${groups.old}`);
    for (const group of [groups.young, groups.old]) {
      await site.apply(inGroup(group));
      await seen(`moves-after-${group}`, group);
      const wanted = [`moves-after-${group}`, `moves-before-${group}`];
      await until(`only what is in ${group} to stand`, async () => {
        const standing = new Set((await activeParts(site, 'moves')).map(({ runId }) => runId));
        const runs = (await runsOf(site, 'moves')).filter(({ runId }) => standing.has(runId));
        const facts = runs.flatMap((run) => run.facts.map(({ id }) => id)).sort();
        return standing.size === wanted.length && facts.join() === wanted.join();
      });
    }
  });

  describe('a run in flight', () => {
    let gate: string;

    /** A subscription of `type` whose plugin waits for the gate; resolves when the run of a fact is at work. */
    async function startRun(name: string, type: string): Promise<void> {
      gate = join(site.stateDir, `${name}-gate`);
      const starts = join(site.stateDir, `${name}-starts`);
      const gated = await site.addPlugin(`${name}-gated`, seenHost({ first: WAITING }));
      await site.apply(
        manifest(
          plugin(`${name}-gated`, gated, { env: { STARTS: starts, GATE: gate } }),
          subscription(name, type, `${name}-gated`),
        ),
      );
      await emit(site, { id: `${name}-1`, type, subject: `${name}-host`, payload: { serial: '1' } });
      await until('the plugin to be at work', async () => (await startsIn(starts)) === 1);
    }

    async function finishRun(name: string): Promise<void> {
      await writeFile(gate, '');
      await endedRun(site, name, `${name}-1`);
      await everythingMatched();
    }

    it('leaves no part behind when its subscription was deleted meanwhile', async () => {
      await startRun('deleted', 'deleted.seen');
      await deleteResource('EventSubscription', 'deleted');
      await finishRun('deleted');
      await until('no part to stand', async () => (await activeParts(site, 'deleted')).length === 0);
      expect((await seenHosts()).filter(([name]) => name === 'deleted-host')).toEqual([]);
    });

    it('leaves no part behind when its fact no longer matches', async () => {
      await startRun('changed', 'changed.seen');
      await site.apply(manifest(subscription('changed', 'changed.other', 'changed-gated')));
      await finishRun('changed');
      await until('no part to stand', async () => (await activeParts(site, 'changed')).length === 0);
      expect((await seenHosts()).filter(([name]) => name === 'changed-host')).toEqual([]);
    });

    it('leaves no part behind when a newer fact came meanwhile that does not match', async () => {
      await startRun('overtaken', 'overtaken.seen');
      const match = { payload: { serial: '1' } };
      await site.apply(manifest(subscription('overtaken', 'overtaken.seen', 'overtaken-gated', { match })));
      const newer = { type: 'overtaken.seen', subject: 'overtaken-host', payload: { serial: '2' } };
      await emit(site, { id: 'overtaken-2', ...newer });
      await everythingMatched();
      await finishRun('overtaken');
      await until('no part to stand', async () => (await activeParts(site, 'overtaken')).length === 0);
      expect((await runsOf(site, 'overtaken')).map(({ facts: [fact] }) => fact?.id)).not.toContain(
        'overtaken-2',
      );
    });

    it('is followed by none for a newer fact that waited for it and no longer matches', async () => {
      await startRun('waits', 'waits.seen');
      await emit(site, {
        id: 'waits-2',
        type: 'waits.seen',
        subject: 'waits-host',
        payload: { serial: '2' },
      });
      await everythingMatched();
      await site.apply(manifest(subscription('waits', 'waits.other', 'waits-gated')));
      await finishRun('waits');
      expect(await endedRun(site, 'waits', 'waits-2')).toMatchObject({
        state: 'skipped',
        errorCode: 'rule-changed',
      });
      await until('no part to stand', async () => (await activeParts(site, 'waits')).length === 0);
    });

    it('is followed by one at the new rule when its fact still matches', async () => {
      await startRun('again', 'again.seen');
      const match = { payload: { serial: '1' } };
      await site.apply(manifest(subscription('again', 'again.seen', 'again-gated', { match })));
      await finishRun('again');
      await until('the renewal', async () => (await activeParts(site, 'again'))[0]?.generation === 2);
      const runs = await runsOf(site, 'again');
      expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
      expect(new Set(runs.map(({ revision }) => revision)).size).toBe(2);
    });
  });

  it('a newer fact of a lineage renews its part: the generation rises and one part stays active', async () => {
    await site.apply(manifest(subscription('renew', 'renew.seen', 'seen-host')));
    for (const serial of ['1', '2', '3']) {
      await emit(site, {
        id: `renew-${serial}`,
        type: 'renew.seen',
        subject: 'renew-host',
        payload: { serial },
      });
      await activePart(site, 'renew', `renew-${serial}`);
      expect((await seenHosts()).filter(([name]) => name === 'renew-host')).toEqual([['renew-host', serial]]);
    }
    const parts = await partsOf(site, 'renew');
    expect(parts.map(({ generation, state }) => [generation, state])).toEqual([
      [1, 'superseded'],
      [2, 'superseded'],
      [3, 'active'],
    ]);
    expect(new Set(parts.map(({ source }) => source)).size).toBe(1);
    const { addedResources } = await site.json<DiffAnswer>('dynamic', 'diff');
    expect(addedResources.filter(({ name }) => name === 'renew-host')).toMatchObject([{ generation: 3 }]);
  });

  it('a newer fact of a lineage that does not match ends the part of the older one, and one that matches brings it back', async () => {
    const match = { payload: { serial: 'here' } };
    await site.apply(manifest(subscription('left', 'left.seen', 'seen-host', { match })));
    const seen = (id: string, serial: string): Promise<void> =>
      emit(site, { id, type: 'left.seen', subject: 'left-host', payload: { serial } });
    await seen('left-1', 'here');
    await activePart(site, 'left', 'left-1');
    await seen('left-2', 'elsewhere');
    await until('the part to end', async () => (await activeParts(site, 'left')).length === 0);
    const [ended] = await partsOf(site, 'left');
    expect(ended).toMatchObject({ state: 'withdrawn', reason: expect.stringContaining('left-2') });
    await seen('left-3', 'here');
    expect(await activePart(site, 'left', 'left-3')).toMatchObject({ generation: 2 });
  });

  it('S24 a plugin that hangs delays no other subscription', async () => {
    const starts = join(site.stateDir, 's24-starts');
    const hanging = await site.addPlugin('hanging', HANGING);
    await site.apply(
      manifest(
        plugin('hanging', hanging, { env: { STARTS: starts }, timeout: '1h' }),
        subscription('s24-hangs', 's24.seen', 'hanging'),
        subscription('s24-works', 's24.seen', 'seen-host'),
      ),
    );
    const ids = Array.from({ length: 12 }, (_, at) => `s24-${at}`);
    await Promise.all(
      ids.map((id) => emit(site, { id, type: 's24.seen', subject: id, payload: { serial: '1' } })),
    );
    await until('four processes to hang', async () => (await startsIn(starts)) === 4);
    for (const id of ids) await activePart(site, 's24-works', id);
    expect(await startsIn(starts)).toBe(4);
    const hung = await runsOf(site, 's24-hangs');
    expect(hung.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running']);
    expect(await startsIn(starts)).toBe(4);

    // nor does it delay other plugins when it is deleted while it hangs
    await deleteResource('EventSubscription', 's24-hangs');
    await deleteResource('Plugin', 'hanging');
    await site.apply(
      manifest(plugin('s24-next', executable), subscription('s24-next', 's24.next', 's24-next')),
    );
    await emit(site, { id: 's24-next', type: 's24.next', subject: 's24-next', payload: { serial: '1' } });
    await activePart(site, 's24-next', 's24-next');
  });

  it('S22 a run whose site dies again and again is counted, capped and failed', async () => {
    const starts = join(site.stateDir, 's22-starts');
    const hanging = await site.addPlugin('s22-hanging', HANGING);
    await site.apply(
      manifest(
        plugin('s22-hanging', hanging, { env: { STARTS: starts }, timeout: '1h' }),
        subscription('s22', 's22.seen', 's22-hanging'),
      ),
    );
    await emit(site, { id: 's22-lost', type: 's22.seen', subject: 's22' });
    for (const attempt of [1, 2, 3]) {
      await until(
        `attempt ${attempt} to run`,
        async () => {
          const [run] = await runsOf(site, 's22');
          return run?.attempt === attempt && run.state === 'running' && (await startsIn(starts)) === attempt;
        },
        45_000,
      );
      await site.kill();
      await site.up();
    }
    const run = await until(
      'the run to be given up',
      async () => (await runsOf(site, 's22')).find(({ state }) => state === 'failed'),
      45_000,
    );
    expect(run).toMatchObject({ state: 'failed', attempt: 3, errorCode: 'run-lost' });
    expect(run.executions.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'lost'],
      [2, 'lost'],
      [3, 'lost'],
    ]);
    await everythingMatched();
    expect(await startsIn(starts)).toBe(3);
    expect((await runsOf(site, 's22')).length).toBe(1);
  }, 180_000);
});
