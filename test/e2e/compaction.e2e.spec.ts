import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SUBJECTS } from '@signalbox/contracts';
import { siteProjections } from '@signalbox/store';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import type { NodeDetail } from '../../apps/cli/src/rest/answers.js';
import { backend, frontend, findBackend, transitionsOf, weightsOf } from './balance-site.js';
import { manifest, plugin, subscription } from './manifests.js';
import {
  activePart,
  activeParts,
  emit,
  endedRun,
  type ExplainAnswer,
  partsOf,
  runsOf,
} from './site-activity.js';
import { seenHost } from './test-plugins.js';

jest.setTimeout(300_000);

const HOSTS = ['a', 'b', 'c'];
/** Records are kept for so long. */
const MAX_AGE = '1s';

interface Compaction {
  readonly upTo: number;
  readonly purged: number;
}

describe('compaction', () => {
  let site: Site;
  let database: pg.Client;

  beforeAll(async () => {
    site = await Site.start({ env: { SIGNALBOX_ACTIVITY_MAX_AGE: MAX_AGE } });
    database = new pg.Client({ connectionString: site.database.url });
    await database.connect();
    const executable = await site.addPlugin('seen-host', seenHost());
    await site.apply(
      manifest(
        plugin('seen-host', executable),
        subscription('seen', 'host.seen', 'seen-host'),
        subscription('waits', 'host.waits', 'missing'),
        backend('one', '10.0.0.1'),
        backend('two', '10.0.0.2'),
        frontend('vip', { primary: { one: 100 }, fallback: { two: 100 } }),
      ),
    );
    // its first report comes when the warm-up is over
    await until('the node to report', async () => (await site.cli('show', 'nodes', 'local')).code === 0);
  }, 300_000);

  afterAll(async () => {
    await database?.end();
    await site?.stop();
  }, 300_000);

  function seen(host: string, serial: string): Promise<void> {
    return emit(site, { id: `${host}-${serial}`, type: 'host.seen', subject: host, payload: { serial } });
  }

  async function lastSeq(): Promise<number> {
    const { rows } = await database.query<{ seq: string }>(
      `select max(seq) as seq from positions where stream = 'ACTIVITY'`,
    );
    return Number(rows[0]?.seq);
  }

  /** Compacts until everything that was there before the call is gone; what is kept stands behind the sequence that it returns. */
  async function compactAll(): Promise<number> {
    const wanted = await lastSeq();
    return until('what was there to be no longer kept', async () => {
      const { upTo } = await site.json<Compaction>('compact');
      return upTo >= wanted && upTo;
    });
  }

  /** Sequence in ACTIVITY of the oldest record under a subject; infinite when there is none. */
  async function oldestRecord(subject: string): Promise<number> {
    const nats = await site.rawNats();
    const asked = JSON.stringify({ next_by_subj: subject, seq: 1 });
    const reply = await nats.request('$JS.API.STREAM.MSG.GET.ACTIVITY', asked);
    nats.close();
    const { message, error } = JSON.parse(reply) as { message?: { seq: number }; error?: { code: number } };
    if (message) return message.seq;
    if (error?.code === 404) return Infinity;
    throw new Error(`the oldest record of ${subject}: ${reply}`);
  }

  async function verify(): Promise<void> {
    expect(await site.differences()).toBe('');
  }

  async function messages(): Promise<number> {
    const line = /^signalbox_storage_records\{kind="stream",name="ACTIVITY",.*\} (\d+)$/m.exec(
      await site.metrics(),
    );
    return Number(line?.[1]);
  }

  /** Everything that lives, as people see it. */
  async function lives(): Promise<unknown> {
    const [parts, runs, one, two, weights, rendered, { name, driver, state }] = await Promise.all([
      activeParts(site, 'seen'),
      runsOf(site, 'seen'),
      findBackend(site, 'one'),
      findBackend(site, 'two'),
      weightsOf(site, 'vip'),
      site.json<object>('dynamic', 'render'),
      site.json<NodeDetail>('show', 'nodes', 'local'),
    ]);
    return { parts, runs, one, two, weights, rendered, node: { name, driver, state } };
  }

  it('lets go of what is over and keeps what lives, with what explains it', async () => {
    for (const serial of ['1', '2', '3']) {
      for (const host of HOSTS) await seen(host, serial);
      for (const host of HOSTS) await endedRun(site, 'seen', `${host}-${serial}`);
    }
    await emit(site, { id: 'waiting', type: 'host.waits', subject: 'w', payload: { serial: '1' } });
    for (const host of HOSTS) await activePart(site, 'seen', `${host}-3`);
    expect(await partsOf(site, 'seen')).toHaveLength(9);
    const before = await messages();
    const upTo = await compactAll();

    expect(await messages()).toBeLessThan(before);
    expect(await partsOf(site, 'seen')).toHaveLength(3);
    const runs = await runsOf(site, 'seen');
    expect(runs.map(({ facts }) => facts[0]?.id).sort()).toEqual(HOSTS.map((host) => `${host}-3`));
    for (const host of HOSTS) {
      const explained = await site.json<ExplainAnswer>('event', 'explain', `${host}-3`);
      expect(explained.verdict).toContain('was accepted');
      expect(explained.decisions).toMatchObject([
        { subscription: 'seen', matched: true },
        { matched: false },
      ]);
    }
    expect(await weightsOf(site, 'vip')).toEqual({ one: 100, two: 0 });
    expect(await transitionsOf(site, 'one')).toHaveLength(1);
    expect(await oldestRecord(SUBJECTS.nodeActivity('local'))).toBeGreaterThan(upTo);
    expect(await lives()).toMatchObject({ node: { name: 'local', driver: 'sim', state: 'ready' } });
    await verify();
  });

  it('goes on from there: after a restart, and with new facts', async () => {
    const before = await lives();
    await site.shutDown();
    await site.up();
    expect(await lives()).toEqual(before);
    await seen('a', '4');
    await activePart(site, 'seen', 'a-4');
    await verify();
  });

  it('snapshots stand for the records when the database is lost, and nothing runs again', async () => {
    await compactAll();
    await seen('b', '5');
    await activePart(site, 'seen', 'b-5');
    const before = await lives();
    await site.shutDown();
    const tables = siteProjections(['default']).flatMap((projection) => projection.tables);
    await database.query(
      `truncate positions, pending_facts, pending_withdrawals, ${tables.map(({ name }) => name).join(', ')}`,
    );
    await site.up();
    const wasSame = JSON.stringify(before);
    await until(
      'everything to be as it was',
      async () => JSON.stringify(await lives()) === wasSame,
      20_000,
    ).catch(() => undefined);
    expect(await lives()).toEqual(before);
    await verify();
    const executable = await site.addPlugin('missing', seenHost());
    await site.apply(manifest(plugin('missing', executable)));
    await activePart(site, 'waits', 'waiting');
    expect(await lives()).toMatchObject({ runs: (before as { runs: unknown[] }).runs });
  });
});

describe('compaction while an owner of tables is away', () => {
  let site: Site;

  beforeAll(async () => {
    const only = 'api,ingest,matcher,renderer,plugin-runner,health,balancer';
    site = await Site.start({ only, env: { SIGNALBOX_ACTIVITY_MAX_AGE: MAX_AGE } });
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  it('is refused by the name of the owner, and nothing goes', async () => {
    // answered before federation has followed, which never will
    await site.rest('POST', '/v1/apply', manifest(backend('one', '10.0.0.1')));
    const up = await until('it to be up', async () => {
      const transitions = await transitionsOf(site, 'one');
      return transitions[0]?.to === 'up' && transitions;
    });
    const refused = await until('records that are old enough', async () => {
      const answer = await site.cli('compact');
      return answer.code !== 0 && answer;
    });
    expect(refused.stderr).toContain('federation does not answer: records are kept until it runs');
    expect(refused.code).toBe(1);
    expect(await transitionsOf(site, 'one')).toEqual(up);
  });
});
