import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FEDERATION_API } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type { DeadLetterItem } from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import { activePart, emit, type ExplainAnswer, runsOf } from './site-activity.js';
import { seenHost } from './test-plugins.js';

jest.setTimeout(300_000);

const UNBOUNDED = 'unbounded';

describe('retention of facts', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start({ env: { SIGNALBOX_PRUNE_EVERY: '100ms' } });
    const executable = await site.addPlugin('seen-host', seenHost());
    await site.apply(manifest(plugin('seen-host', executable), group(UNBOUNDED, {})));
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  function group(name: string, retention: object): ReturnType<typeof resource> {
    return resource(FEDERATION_API, 'EventGroup', name, { nodeName: 'edge', retention });
  }

  async function keepTwo(name: string): Promise<void> {
    await site.apply(manifest(group(name, { maxEvents: 2 })));
  }

  /** Numbered facts of a group, each of a lineage of its own. */
  async function emitAll(name: string, type: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, n) => `${name}-${type}-${n}`);
    for (const id of ids) await emit(site, { id, type, subject: id, payload: { serial: '1' } }, name);
    return ids;
  }

  async function kept(name: string): Promise<string[]> {
    const events = await site.all<{ id: string }>(`/v1/groups/${name}/events?includeExpired=true`);
    return events.map(({ id }) => id).sort();
  }

  async function untilKept(name: string, ids: readonly string[]): Promise<void> {
    await until(`only ${ids.join(', ')} to be kept`, async () => (await kept(name)).join() === ids.join());
  }

  async function messages(name: string): Promise<number> {
    const { groups } = await site.json<{ groups: { name: string; stream: { messages: number } }[] }>(
      'status',
    );
    return groups.find((one) => one.name === name)?.stream.messages ?? -1;
  }

  async function retentionLetters(name: string): Promise<DeadLetterItem[]> {
    const letters = await site.all<DeadLetterItem>('/v1/dead-letters');
    return letters.filter(({ code, about }) => code === 'retention' && about['group'] === name);
  }

  async function verify(): Promise<void> {
    expect(await site.differences()).toBe('');
  }

  it('E10 keeps the newest of a group by arrival, in the table and in the stream, and everything of another group', async () => {
    await keepTwo('e10');
    const others = await emitAll(UNBOUNDED, 'e10.seen', 5);
    const ids = await emitAll('e10', 'e10.seen', 5);
    await untilKept('e10', ids.slice(-2));
    expect(await messages('e10')).toBe(2);
    expect(await kept(UNBOUNDED)).toEqual(expect.arrayContaining(others));
    await verify();
  });

  it('E9 lets facts go that arrived too long ago, and no younger ones', async () => {
    await site.apply(manifest(group('e9', { maxAge: '2s' })));
    const [old] = await emitAll('e9', 'e9.old', 1);
    const sent: { id: string; atMs: number }[] = [];
    await until('the old one to be gone', async () => {
      const id = `e9-young-${sent.length}`;
      sent.push({ id, atMs: Date.now() });
      await emit(site, { id, type: 'e9.young', subject: id }, 'e9');
      const nowMs = Date.now();
      const there = await kept('e9');
      const young = sent.filter(({ atMs }) => nowMs - atMs < 1500).map((one) => one.id);
      expect(there).toEqual(expect.arrayContaining(young));
      return !there.includes(old!);
    });
    await untilKept('e9', []);
  });

  it('E15 what a peer never got is told by a dead letter for each range that says which facts and how many', async () => {
    const secretFile = join(site.secretDir, 'peer.key');
    await writeFile(secretFile, 'secret');
    const signing = (retention: object): ReturnType<typeof resource> => {
      const { spec, ...rest } = group('e15', retention);
      return { ...rest, spec: { ...spec, auth: { mode: 'hmac', secretFile } } };
    };
    await site.apply(
      manifest(
        signing({}),
        resource(FEDERATION_API, 'EventPeer', 'away', {
          groupRef: 'e15',
          nodeName: 'cloud',
          endpoint: 'http://127.0.0.1:9',
        }),
      ),
    );
    const ids = await emitAll('e15', 'e15.seen', 5);
    await site.apply(manifest(signing({ maxEvents: 2 })));
    await untilKept('e15', ids.slice(-2));
    // one, or one for each of the ranges that went one after the other while the facts were still being read
    const letters = (await retentionLetters('e15')).sort((a, b) => a.seq - b.seq);
    let after = 0;
    for (const { seq, about, message } of letters) {
      const { body } = await site.rest<DeadLetterItem>('GET', `/v1/dead-letters/${seq}`);
      const range = JSON.parse(body.letter?.data ?? '{}') as { after: number; upTo: number; facts: number };
      const facts = range.upTo - after;
      expect(range).toMatchObject({ after, facts });
      expect(about).toEqual({ group: 'e15', peer: 'away', facts: String(facts) });
      expect(message).toMatch(new RegExp(`^${facts} facts? w(as|ere) pruned before away`));
      after = range.upTo;
    }
    expect(after).toBe(3);
  });

  it('a fact that waited for its run until it was no longer kept is skipped, and says so', async () => {
    await keepTwo('waits');
    const { spec, ...rest } = subscription('waits', 'waits.seen', 'not-declared-yet');
    await site.apply(manifest({ ...rest, spec: { ...spec, groupRef: 'waits' } }));
    const ids = await emitAll('waits', 'waits.seen', 5);
    const skipped = await until('three runs to be skipped', async () => {
      const runs = (await runsOf(site, 'waits')).filter(({ state }) => state === 'skipped');
      return runs.length === 3 && runs;
    });
    expect(skipped.map(({ errorCode }) => errorCode)).toEqual(['retention', 'retention', 'retention']);
    expect(skipped.flatMap(({ facts }) => facts.map(({ id }) => id)).sort()).toEqual(ids.slice(0, 3));
    await untilKept('waits', ids.slice(-2));
  });

  it('a part outlives its fact and explains itself, also after a restart; what led to nothing is told to be gone', async () => {
    await keepTwo('lives');
    const { spec, ...rest } = subscription('lives', 'lives.seen', 'seen-host');
    await site.apply(manifest({ ...rest, spec: { ...spec, groupRef: 'lives' } }));
    const [first] = await emitAll('lives', 'lives.seen', 1);
    const part = await activePart(site, 'lives', first!);
    const others = await emitAll('lives', 'lives.other', 4);
    await untilKept('lives', others.slice(-2));
    for (const start of ['first', 'second']) {
      if (start === 'second') {
        await site.shutDown();
        await site.up();
      }
      expect(await activePart(site, 'lives', first!)).toMatchObject({ source: part.source, generation: 1 });
      const explained = await site.json<ExplainAnswer>('event', 'explain', first!, '--group', 'lives');
      expect(explained.event).toMatchObject({ id: first, pruned: expect.stringContaining('no longer kept') });
      expect(explained.verdict).toContain(`part ${part.source} was accepted`);
    }
    const gone = await site.cli('event', 'explain', others[0]!, '--group', 'lives');
    expect(gone.code).toBe(4);
    expect(gone.stderr).toMatch(/no longer kept, pruned at 2\S+ by maxEvents/);
    await verify();
  });

  it('rows that a crash behind the purge has left go in the next round', async () => {
    await site.apply(manifest(group('crashed', {})));
    const ids = await emitAll('crashed', 'crashed.seen', 5);
    await untilKept('crashed', ids);
    const nats = await site.rawNats();
    await nats.request('$JS.API.STREAM.PURGE.FACTS_crashed', '{"seq":4}');
    nats.close();
    await untilKept('crashed', ids.slice(-2));
    await verify();
  });

  it('an id whose fact was pruned is new again', async () => {
    await keepTwo('again');
    const ids = await emitAll('again', 'again.seen', 5);
    await untilKept('again', ids.slice(-2));
    const { body } = await site.rest<object>('POST', '/v1/groups/again/events', {
      id: ids[0],
      type: 'again.other',
      subject: 'other',
    });
    expect(body).toMatchObject({ accepted: true, duplicate: false, refreshed: false, seq: 6 });
  });
});
