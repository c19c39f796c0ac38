import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { type AuditHead, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createToken, RefusedAttempts } from '@signalbox/runtime';
import { readUpTo } from '@signalbox/store';
import { until } from '@signalbox/testing';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import type { AuditEntryDto, RefusedDto } from './audit.dto.js';
import { AuditKeys } from './audit-keys.js';
import type { JournalReport } from './journal-check.js';
import { sealBehind } from './seal-chain.js';
import { verifyJournal } from './verify-journal.js';

const START_MS = 300_000;
const CHANGES = 1000;
const NAMES = ['ann', 'bob', 'cleo'] as const;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

type Message = {
  readonly seq: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly id?: string;
};

describe('the audit of 1,000 changes by three tokens', () => {
  let site: ApiSite;
  let keys: AuditKeys;
  let head: AuditHead;
  let tokens: readonly string[];
  let directory: string;
  let elsewhere: EmbeddedServer;

  beforeAll(async () => {
    site = await ApiSite.create();
    await site.boot();
    site.followJournal();
    const context = join(site.config.stateDir, 'context.json');
    site.useContext(JSON.parse(await readFile(context, 'utf8')) as SiteContext);
    tokens = await Promise.all(NAMES.map((name) => newToken(name)));
    await until('the tokens are known', async () => (await list('', tokens[2])).status === 200);
    for (let nr = 0; nr < CHANGES; nr += 1) await change(nr);
    keys = site.services.app.get(AuditKeys);
    const last = await lastSeq(site.bus);
    await until('everything is sealed', async () => (head = await exported()).to === last);
    directory = await mkdtemp(join(tmpdir(), 'signalbox-audit-'));
    elsewhere = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  }, START_MS);

  afterAll(async () => {
    await site.destroy();
    await elsewhere.stop();
    await rm(directory, { recursive: true, force: true });
  }, START_MS);

  async function newToken(name: string): Promise<string> {
    const { token, record } = createToken({ name, role: 'admin' }, Date.now());
    await site.bus.publisher.publishJson(SUBJECTS.token, record);
    return token;
  }

  function list(query: string, token = site.token) {
    const headers = { authorization: `Bearer ${token}` };
    return site.call<{ items: AuditEntryDto[]; next?: string }>(`/v1/audit${query}`, { headers });
  }

  async function change(nr: number): Promise<void> {
    const body = JSON.stringify({
      apiVersion: 'federation.routerd.net/v1alpha1',
      kind: 'EventGroup',
      metadata: { name: `g${nr % 10}` },
      spec: { nodeName: `n${nr}.test` },
    });
    const headers = {
      authorization: `Bearer ${tokens[nr % 3]}`,
      'user-agent': 'tester/1',
      'content-type': 'application/json',
    };
    const { status, body: answer } = await site.call(`/v1/apply?message=nr-${nr}`, {
      method: 'POST',
      body,
      headers,
    });
    expect([status, answer]).toEqual([200, expect.anything()]);
  }

  async function exported(): Promise<AuditHead> {
    return (await site.call<AuditHead>('/v1/audit/head')).body;
  }

  async function lastSeq(bus: Bus, stream: string = STREAMS.journal): Promise<number> {
    return (await bus.manager.streams.info(stream)).state.last_seq;
  }

  async function verified(given?: AuditHead): Promise<JournalReport> {
    const { status, body } = await site.call<JournalReport>('/v1/audit/verify', {
      method: 'POST',
      ...(given && {
        body: JSON.stringify({ head: given }),
        headers: { 'content-type': 'application/json' },
      }),
    });
    expect(status).toBe(200);
    return body;
  }

  async function messagesOf(stream: string): Promise<Message[]> {
    const found: Message[] = [];
    const range = { stream, fromSeq: 1, toSeq: await lastSeq(site.bus, stream) };
    const collect = (
      batch: readonly {
        seq: number;
        subject: string;
        data: Uint8Array;
        headers?: { get: (name: string) => string };
      }[],
    ) => {
      for (const { seq, subject, data, headers } of batch) {
        const id = headers?.get('Nats-Msg-Id');
        found.push({ seq, subject, data, ...(id && { id }) });
      }
      return Promise.resolve();
    };
    await readUpTo(site.bus, range, collect, AbortSignal.timeout(START_MS));
    return found;
  }

  /** Both streams on another server, at the same sequences, after somebody had his way with them. */
  async function restored(
    tamper: (streams: { journal: Message[]; seals: Message[] }) => void,
    removed: readonly number[] = [],
  ): Promise<JournalReport> {
    const streams = { journal: await messagesOf(STREAMS.journal), seals: await messagesOf(STREAMS.audit) };
    tamper(streams);
    const bus = await Bus.connect({ url: elsewhere.url, name: 'restored', log: silent });
    for (const [definition, messages] of [
      [STREAM_DEFINITIONS.journal, streams.journal],
      [STREAM_DEFINITIONS.audit, streams.seals],
    ] as const) {
      await ensureStream(bus.manager, { ...definition, deny_delete: false, deny_purge: false }, silent);
      for (const { subject, data, id } of messages)
        await bus.publisher.publish(subject, data, id === undefined ? {} : { msgId: id });
    }
    for (const seq of removed) await bus.manager.streams.deleteMessage(STREAMS.journal, seq);
    const report = await verifyJournal(bus, keys.all, head, AbortSignal.timeout(START_MS));
    await bus.manager.streams.delete(STREAMS.journal);
    await bus.manager.streams.delete(STREAMS.audit);
    await bus.close();
    return report;
  }

  it('finds a site that nobody tampered with as it was, with and without the head that was kept', async () => {
    const whole = { isWhole: true, findings: [], findingsInAll: 0, sealedTo: head.to, records: head.to };
    expect(await verified()).toMatchObject(whole);
    expect(await verified(head)).toMatchObject(whole);
    expect(await restored(() => undefined)).toMatchObject(whole);
  });

  it('names an edited record', async () => {
    const report = await restored(({ journal }) => {
      const at = journal.findIndex(({ data }) => Buffer.from(data).includes('nr-500'));
      const data = Buffer.from(Buffer.from(journal[at]!.data).toString().replace('n500.test', 'n666.test'));
      journal[at] = { ...journal[at]!, data };
    });
    const [entry] = (await list('?limit=1000')).body.items.filter(({ reason }) => reason === 'nr-500');
    expect(report.findings).toEqual([
      expect.objectContaining({
        kind: 'edited',
        from: entry!.seq,
        to: entry!.seq,
        subject: SUBJECTS.resources,
      }),
    ]);
  });

  it('names one that was removed', async () => {
    const report = await restored(() => undefined, [300]);
    expect(report.findings).toEqual([expect.objectContaining({ kind: 'missing', from: 300, to: 300 })]);
  });

  it('names an end that was cut, of the journal alone and with its seals', async () => {
    const alone = await restored(({ journal }) => journal.splice(-7));
    expect(alone.findings).toEqual([
      expect.objectContaining({ kind: 'cut', from: head.to - 6, to: head.to }),
    ]);
    const both = await restored(({ journal, seals }) => {
      const gone = JSON.parse(Buffer.from(seals.pop()!.data).toString()) as { from: number };
      journal.splice(gone.from - 1);
    });
    expect(both.findings).toEqual([expect.objectContaining({ kind: 'cut', to: head.to, seal: head.number })]);
  });

  it('names seals that are gone, edited, or made with another key', async () => {
    const gone = await restored(({ seals }) => seals.splice(1, 1));
    expect(gone.findings).toEqual([expect.objectContaining({ kind: 'seal-missing', seal: 2 })]);
    const edited = await restored(({ seals }) => {
      const data = Buffer.from(
        Buffer.from(seals[1]!.data)
          .toString()
          .replace(/"digest":"./, '"digest":"z'.replace('z', '0')),
      );
      seals[1] = { ...seals[1]!, data: data.equals(seals[1]!.data) ? Buffer.from('{}') : data };
    });
    expect(edited.findings[0]).toMatchObject({ kind: 'seal-broken' });
    const forged = await restored(({ seals }) => {
      const { all } = keys;
      const records = [{ seq: head.to + 1, digest: '0'.repeat(64) }];
      const key = { id: all[0]!.id, secret: Buffer.alloc(32) };
      const data = Buffer.from(JSON.stringify(sealBehind(head, records, key, head.at)));
      seals.push({ seq: 0, subject: SUBJECTS.seals, data });
    });
    expect(forged.findings).toEqual([
      expect.objectContaining({ kind: 'seal-broken', seal: head.number + 1 }),
    ]);
  });

  it('lists who changed what, from where, why, and what is other than before', async () => {
    const { items, next } = (await list('?author=bob&changes&limit=10')).body;
    expect(items).toHaveLength(10);
    expect(next).toBeDefined();
    expect(items[0]).toMatchObject({
      ...{
        author: 'bob',
        action: 'apply',
        kind: 'EventGroup',
        project: 'default',
        reason: 'nr-997',
        name: 'g7',
      },
      ...{ address: '127.0.0.1', agent: 'tester/1', subject: expect.stringMatching(/^token:tok-/) },
      changes: [{ path: '/spec/nodeName', from: 'n987.test', to: 'n997.test' }],
    });
    const behind = (await list(`?author=bob&limit=10&after=${next}`)).body.items;
    expect(behind[0]!.seq).toBeLessThan(items[9]!.seq);
    const about = (await list('?kind=EventGroup&name=g3&inProject=default&limit=1000')).body.items;
    expect(about).toHaveLength(100);
    expect((await list(`?subject=${items[0]!.subject}&until=2000-01-01T00:00:00Z`)).body.items).toEqual([]);
    expect((await list('?kind=Token')).body.items).toHaveLength(4);
  });

  it('keeps its key for its owner alone', async () => {
    expect((await stat(join(site.config.stateDir, 'audit.key'))).mode & 0o777).toBe(0o600);
  });

  it('goes on behind a seal that somebody forged, and after a restart', async () => {
    const forged = {
      ...head,
      from: head.to + 1,
      records: [],
      previous: head.head,
      number: head.number + 1,
      siteId: undefined,
    };
    await site.bus.publisher.publishJson(SUBJECTS.seals, forged);
    await change(1001);
    await site.shutDown();
    await site.boot();
    site.followJournal();
    await change(1002);
    const last = await lastSeq(site.bus);
    await until('everything is sealed', async () => (await exported()).to === last);
    const report = await verified(head);
    expect(report).toMatchObject({ sealedTo: last, findingsInAll: 1 });
    expect(report.findings[0]).toMatchObject({ kind: 'seal-broken', seal: head.number + 1 });
  });

  it('tells what was refused, in one record a minute', async () => {
    const refused = site.services.app.get(RefusedAttempts);
    for (let nr = 0; nr < 300; nr += 1)
      refused.note({ address: `192.0.2.${nr}`, reason: 'unauthorized', route: 'GET /v1/runs' });
    await refused.tell();
    const { items } = (await site.call<RefusedDto>('/v1/audit/refused')).body;
    expect(items.filter(({ reason }) => reason === 'unauthorized').length).toBeLessThanOrEqual(64);
    expect(items.some(({ reason, count }) => reason === 'many' && count >= 236)).toBe(true);
  });
});
