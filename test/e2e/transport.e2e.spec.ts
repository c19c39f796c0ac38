import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@signalbox/embedded';
import { type ServiceProcess, until } from '@signalbox/testing';
import {
  CLOUD_NODE,
  delivered,
  emit,
  type EmittedFact,
  FederatedPair,
  findDeliveries,
  findFact,
  fromNow,
  GROUP,
  observation,
  OBSERVED,
  ONPREM_NODE,
  writeSecret,
} from './federated-pair.js';
import type { ExplainAnswer } from './site-activity.js';
import { ReversingProxy } from './reversing-proxy.js';
import { GO_ZERO_TIME, type GoEvent, GoPeer } from './go-peer.js';

jest.setTimeout(300_000);

/** Everything but `federation`, which runs as a process of its own, so that it can be stopped alone. */
const WITHOUT_FEDERATION = 'api,ingest,matcher,plugin-runner,renderer';

describe('transport between two sites', () => {
  let pair: FederatedPair;
  let federation: ServiceProcess;
  let peer: GoPeer;

  beforeAll(async () => {
    pair = await FederatedPair.start({ onpremOnly: WITHOUT_FEDERATION });
    federation = await pair.onprem.startService('federation');
    await pair.applyExamples();
    peer = new GoPeer(pair.endpoint, pair.secret);
  }, 300_000);

  afterAll(() => pair?.stop(), 300_000);

  /** Emits a fact at the sender and waits until it stands at the receiver. */
  async function sendOne(subject: string): Promise<string> {
    const fact = observation({ subject });
    await emit(pair.onprem, GROUP, fact);
    await delivered(pair.onprem, fact.id);
    return fact.id;
  }

  /** What a push must leave behind when it is refused: one more refusal and nothing else. */
  async function expectRefused(push: () => Promise<unknown>, wanted: object, id?: string): Promise<void> {
    const before = await peer.status();
    expect(await push()).toEqual(wanted);
    expect(await peer.status()).toEqual({ ...before, rejected: before.rejected + 1 });
    if (id !== undefined) expect(await findFact(pair.cloud, GROUP, id)).toBeUndefined();
  }

  describe('from the sender', () => {
    it('T1 a fact arrives with the same id, subject, payload and times, and is delivered at the first attempt', async () => {
      const fact = observation({
        subject: '10.20.1.1/32',
        payload: { domain: 'edge-lan', note: 'ä "quoted" \\ 漢字', empty: '' },
      });
      await emit(pair.onprem, GROUP, fact);
      expect(await delivered(pair.onprem, fact.id)).toMatchObject({
        group: GROUP,
        peer: 'cloud',
        attempts: 1,
        lastError: null,
        expiresAt: fact.expiresAt,
      });
      expect(await findFact(pair.cloud, GROUP, fact.id)).toMatchObject({
        ...fact,
        group: GROUP,
        sourceNode: ONPREM_NODE,
        dedupeKey: fact.id,
        way: 'peer',
        own: false,
        version: 1,
      });
    });

    it('T2 a fact emitted by the command in our own name is delivered', async () => {
      const id = `evt-${randomBytes(8).toString('hex')}`;
      const emitted = await pair.onprem.cli(
        ...['event', 'emit', '--group', GROUP, '--type', OBSERVED, '--subject', '10.20.2.1/32'],
        ...['--payload', 'domain=edge-lan', '--ttl', '30m', '--source-node', ONPREM_NODE, '--id', id],
      );
      expect(emitted).toMatchObject({ code: 0, stderr: '' });
      const query = ['event', 'deliveries', '--group', GROUP, '--event-id', id, '--status', 'delivered'];
      const [delivery] = await until('the delivery in the list of the command', async () => {
        const list = await pair.onprem.json<{ attempts: number }[]>(...query);
        return list.length > 0 && list;
      });
      expect(delivery).toMatchObject({ eventId: id, peer: 'cloud', status: 'delivered', attempts: 1 });
      const [there] = await pair.cloud.json<{ id: string }[]>(
        ...['event', 'list', '--group', GROUP, '--subject', '10.20.2.1/32'],
      );
      expect(there).toMatchObject({ id, sourceNode: ONPREM_NODE, payload: { domain: 'edge-lan' } });
    });

    it('T4 what is delivered is never pushed again: not by the same id, a restart or a new filter', async () => {
      const fact = observation({ subject: '10.20.4.1/32' });
      await emit(pair.onprem, GROUP, fact);
      const first = await delivered(pair.onprem, fact.id);
      const before = await peer.status();

      expect(await emit(pair.onprem, GROUP, fact)).toMatchObject({ duplicate: true, refreshed: false });
      await federation.end('SIGTERM');
      federation = await pair.onprem.startService('federation');
      await pair.onprem.apply(eventPeer({ subjectPrefixes: ['10.'] }));
      await sendOne('10.20.4.2/32');
      await pair.onprem.apply(eventPeer({}));
      await sendOne('10.20.4.3/32');

      expect(await peer.status()).toEqual({
        ...before,
        received: before.received + 2,
        storedEvents: before.storedEvents + 2,
      });
      expect(await findDeliveries(pair.onprem, `eventId=${fact.id}`)).toEqual([first]);
    });

    it('T14 what is emitted while the sender is stopped is delivered by its next start, at the first attempt', async () => {
      await federation.end('SIGTERM');
      const facts = [1, 2, 3].map((host) => observation({ subject: `10.20.14.${host}/32` }));
      for (const fact of facts) await emit(pair.onprem, GROUP, fact);
      for (const { id } of facts) {
        expect(await findFact(pair.onprem, GROUP, id)).toMatchObject({ id, own: true });
        expect(await findDeliveries(pair.onprem, `eventId=${id}`)).toMatchObject([
          {
            status: 'pending',
            attempts: 0,
            lastError: expect.stringContaining('federation does not answer'),
          },
        ]);
        expect(await findFact(pair.cloud, GROUP, id)).toBeUndefined();
      }
      federation = await pair.onprem.startService('federation');
      for (const { id } of facts) {
        expect(await delivered(pair.onprem, id)).toMatchObject({ attempts: 1, lastError: null });
        expect(await findFact(pair.cloud, GROUP, id)).toMatchObject({ id, version: 1 });
      }
    });

    it('T15 an expired fact is stored here and never posted', async () => {
      const before = await peer.status();
      const expired = observation({
        subject: '10.20.15.1/32',
        observedAt: fromNow(-120),
        expiresAt: fromNow(-60),
      });
      await emit(pair.onprem, GROUP, expired);
      await sendOne('10.20.15.2/32');
      expect(await findFact(pair.onprem, GROUP, expired.id)).toMatchObject({ expired: true });
      expect(await findDeliveries(pair.onprem, `eventId=${expired.id}`)).toEqual([]);
      expect(await findFact(pair.cloud, GROUP, expired.id)).toBeUndefined();
      expect(await peer.status()).toMatchObject({ received: before.received + 1, rejected: before.rejected });
    });

    it('T16 what came from a peer is never posted, and a fact of ours never comes back', async () => {
      const [onpremPort, cloudPort] = await Promise.all([freePort(), freePort()]);
      await pair.onprem.apply(
        ringSide(pair.onprem.secretDir, 'ring-onprem', onpremPort, 'ring-cloud', cloudPort),
      );
      await pair.cloud.apply(
        ringSide(pair.cloud.secretDir, 'ring-cloud', cloudPort, 'ring-onprem', onpremPort),
      );

      const ours = observation({ subject: '10.20.16.1/32' });
      await emit(pair.onprem, 'ring', ours);
      await until('our fact over there', () => findFact(pair.cloud, 'ring', ours.id));
      const theirs = observation({ subject: '10.20.16.2/32' });
      await emit(pair.cloud, 'ring', theirs);
      await delivered(pair.cloud, theirs.id);
      const last = observation({ subject: '10.20.16.3/32' });
      await emit(pair.onprem, 'ring', last);
      await delivered(pair.onprem, last.id);

      const counts = async (port: number): Promise<object> => {
        const { received, duplicate, rejected } = await new GoPeer(`http://127.0.0.1:${port}`, '').status();
        return { received, duplicate, rejected };
      };
      expect(await counts(onpremPort)).toEqual({ received: 1, duplicate: 0, rejected: 0 });
      expect(await counts(cloudPort)).toEqual({ received: 2, duplicate: 0, rejected: 0 });
      const pushed = async (site: typeof pair.onprem): Promise<string[]> =>
        (await findDeliveries(site, 'group=ring')).map(({ eventId }) => eventId).sort();
      expect(await pushed(pair.onprem)).toEqual([ours.id, last.id].sort());
      expect(await pushed(pair.cloud)).toEqual([theirs.id]);
    });

    it('X5 of two facts with equal observedAt the one accepted later is the newest, here and at a peer that gets it first', async () => {
      const { onprem, cloud } = pair;
      const port = await freePort();
      const reversing = await ReversingProxy.start(`http://127.0.0.1:${port}`, 2);
      const sees = resource('EventSubscription', 'order', {
        groupRef: 'order',
        match: { types: [OBSERVED] },
        trigger: { pluginRef: 'nothing' },
      });
      await cloud.apply([group('order', cloud.secretDir, 'edge.key', CLOUD_NODE, port), sees].join('---\n'));
      await onprem.apply(
        [
          group('order', onprem.secretDir, 'edge.key', ONPREM_NODE),
          eventPeer({ name: 'order', groupRef: 'order', endpoint: reversing.endpoint }),
          sees,
        ].join('---\n'),
      );
      const observedAt = fromNow(0);
      const [first, second] = ['z', 'a'].map((name) =>
        observation({ id: `${name}-order`, subject: '10.20.5.1/32', observedAt }),
      ) as [EmittedFact, EmittedFact];
      await emit(onprem, 'order', first);
      await emit(onprem, 'order', second);
      await Promise.all([first, second].map(({ id }) => delivered(onprem, id)));
      await reversing.stop();

      expect(reversing.forwarded.map(({ id, originSequence }) => [id, originSequence])).toEqual([
        ['a-order', 2],
        ['z-order', 1],
      ]);
      const decisionAt = async (site: typeof cloud, id: string): Promise<object | undefined> => {
        const path = `/v1/groups/order/events/${id}/explain`;
        return (await site.rest<ExplainAnswer>('GET', path)).body.decisions[0];
      };
      expect(await decisionAt(onprem, second.id)).toMatchObject({ matched: true });
      expect(await decisionAt(cloud, second.id)).toMatchObject({ matched: true });
      expect(await decisionAt(cloud, first.id)).toMatchObject({
        matched: false,
        clause: 'superseded',
        message: expect.stringContaining('came after a newer one'),
      });
    });

    it('T23 a secret that appears after the apply takes effect without a restart', async () => {
      const port = await freePort();
      const late = new GoPeer(`http://127.0.0.1:${port}`, '');
      const { onprem, cloud } = pair;
      await cloud.apply(group('late', cloud.secretDir, 'late.key', CLOUD_NODE, port));
      await onprem.apply(
        [
          group('late', onprem.secretDir, 'late.key', ONPREM_NODE),
          eventPeer({ name: 'late', groupRef: 'late', endpoint: late.endpoint }),
        ].join('---\n'),
      );
      const waiting = observation({ subject: '10.20.23.1/32' });
      await emit(onprem, 'late', waiting);
      await sendOne('10.20.23.2/32');
      await expect(late.status()).rejects.toThrow('fetch failed');
      expect(await findDeliveries(onprem, `eventId=${waiting.id}`)).toMatchObject([
        { status: 'pending', attempts: 0, lastError: expect.stringContaining('late.key does not exist') },
      ]);

      const secret = randomBytes(32).toString('hex');
      await writeSecret(cloud, 'late.key', secret);
      expect(await until('the port to open', () => late.status())).toMatchObject({
        node: CLOUD_NODE,
        group: 'late',
        received: 0,
      });
      await writeSecret(onprem, 'late.key', secret);
      expect(await delivered(onprem, waiting.id)).toMatchObject({ attempts: 1, lastError: null });
      expect(await findFact(cloud, 'late', waiting.id)).toMatchObject({ id: waiting.id });
    });
  });

  describe('at the receiver', () => {
    it('T1 takes what a Go peer sends: zero times mean absent, dedupeKey = id', async () => {
      const event = goEvent({ observedAt: GO_ZERO_TIME, expiresAt: GO_ZERO_TIME });
      const sentAt = Date.now();
      expect(await peer.push(event)).toEqual({
        status: 200,
        body: { accepted: true, id: event.id, duplicate: false },
      });
      const stored = await until('the fact', () => findFact(pair.cloud, GROUP, event.id));
      expect(stored).toMatchObject({
        dedupeKey: event.id,
        payload: event.payload,
        expired: false,
        way: 'peer',
      });
      expect(stored).not.toHaveProperty('expiresAt');
      const observedAt = Date.parse(stored.observedAt);
      expect(observedAt).toBeGreaterThanOrEqual(sentAt);
      expect(observedAt).toBeLessThanOrEqual(Date.now());
    });

    it('T3 the same id again is one row, 200, duplicate', async () => {
      const event = goEvent();
      await peer.push(event);
      const before = await peer.status();
      expect(await peer.push(event, { skewSeconds: -1 })).toEqual({
        status: 200,
        body: { accepted: true, id: event.id, duplicate: true },
      });
      expect(await peer.status()).toEqual({ ...before, duplicate: before.duplicate + 1 });
      expect(await findFact(pair.cloud, GROUP, event.id)).toMatchObject({ version: 1 });
    });

    it('T5 a wrong signature is 401 and stores nothing', async () => {
      const event = goEvent();
      const signed = peer.sign(event);
      const headers = { ...signed.headers, 'X-Routerd-Signature': '0'.repeat(64) };
      await expectRefused(
        () => peer.send({ ...signed, headers }),
        { status: 401, body: 'bad signature' },
        event.id,
      );
    });

    it.each([
      ['1 h behind', -3600],
      ['1 h ahead', 3600],
    ])('T6 a valid signature %s is 403 and stores nothing', async (_when, skewSeconds) => {
      const event = goEvent();
      await expectRefused(
        () => peer.push(event, { skewSeconds }),
        { status: 403, body: 'stale timestamp' },
        event.id,
      );
    });

    it.each([
      ['behind', -240],
      ['ahead', 240],
    ])('T7 4 minutes %s of our clock are inside the window', async (_where, skewSeconds) => {
      const event = goEvent();
      expect(await peer.push(event, { skewSeconds })).toEqual({
        status: 200,
        body: { accepted: true, id: event.id, duplicate: false },
      });
      expect(await findFact(pair.cloud, GROUP, event.id)).toMatchObject({ subject: event.subject });
    });

    it('T8 a tampered body is 401', async () => {
      const event = goEvent();
      const sentBody = JSON.stringify({ ...event, subject: '10.66.6.6/32' });
      await expectRefused(
        () => peer.push(event, { sentBody }),
        { status: 401, body: 'bad signature' },
        event.id,
      );
    });

    it('T8 a signature by another secret is 401', async () => {
      const event = goEvent();
      await expectRefused(
        () => peer.push(event, { secret: 'another' }),
        { status: 401, body: 'bad signature' },
        event.id,
      );
    });

    it.each([
      ['missing', null],
      ['a word', 'soon'],
      ['a fraction', '1764000000.5'],
    ])('T9 a timestamp header that is %s is 400', async (_what, timestampHeader) => {
      const event = goEvent();
      await expectRefused(
        () => peer.push(event, { timestampHeader }),
        { status: 400, body: 'bad timestamp' },
        event.id,
      );
    });

    it.each([
      ['no JSON', 'not json'],
      ['an array', '[]'],
      ['a payload of numbers', JSON.stringify({ ...goEvent(), payload: { n: 1 } })],
      ['a subject that is no text', JSON.stringify({ ...goEvent(), subject: {} })],
    ])('T10 a signed body that is %s is 400', async (_what, body) => {
      await expectRefused(() => peer.push(body), { status: 400, body: 'bad event body' });
    });

    it.each(['id', 'group', 'type'] as const)('T10 a signed event without %s is 400', async (field) => {
      const event = goEvent();
      await expectRefused(
        () => peer.push({ ...event, [field]: undefined }),
        { status: 400, body: `invalid event: ${field} is required` },
        event.id,
      );
    });

    it('T15 a fact that has expired is refused', async () => {
      const event = goEvent({ observedAt: fromNow(-120), expiresAt: fromNow(-60) });
      await expectRefused(() => peer.push(event), refusal('expired', event.id), event.id);
    });

    it('T25 a body that names another group than the key is refused by both groups', async () => {
      const event = goEvent({ group: 'default' });
      await expectRefused(() => peer.push(event), refusal('group-mismatch', event.id), event.id);
      expect(await findFact(pair.cloud, 'default', event.id)).toBeUndefined();
    });

    it.each([
      ['the receiver', CLOUD_NODE, 'self-origin'],
      ['a node that is no member', 'stranger.example', 'not-a-member'],
    ])('T26 a signed event in the name of %s is refused', async (_whose, sourceNode, code) => {
      const event = goEvent({ sourceNode });
      await expectRefused(() => peer.push(event), refusal(code, event.id), event.id);
    });

    it('T31 a replayed request is 200, duplicate, when its fact is stored', async () => {
      const event = goEvent();
      const signed = peer.sign(event);
      expect(await peer.send(signed)).toEqual({
        status: 200,
        body: { accepted: true, id: event.id, duplicate: false },
      });
      const before = await peer.status();
      const replays = await replaysCounted();
      expect(await peer.send(signed)).toEqual({
        status: 200,
        body: { accepted: true, id: event.id, duplicate: true },
      });
      expect(await peer.status()).toEqual({ ...before, duplicate: before.duplicate + 1 });
      expect(await replaysCounted()).toBe(replays + 1);
    });

    it('T31 a replayed request is 409 replay when it was refused', async () => {
      const event = goEvent();
      await peer.push(event);
      const signed = peer.sign({ ...event, type: 'two..dots' });
      await expectRefused(() => peer.send(signed), refusal('bad-grammar', event.id));
      await expectRefused(() => peer.send(signed), { ...refusal('replay', event.id), status: 409 });
      expect(await findFact(pair.cloud, GROUP, event.id)).toMatchObject({ payload: event.payload });
    });

    it('X8 other content under a known id is 200: the first payload is kept, the later expiry taken, told and counted', async () => {
      const event = goEvent();
      await peer.push(event);
      const conflicts = await conflictsCounted();
      const answer = { status: 200, body: { accepted: true, id: event.id, duplicate: true } };
      const changed = { ...event, type: 'other.type', subject: 'other', payload: { other: 'content' } };
      expect(await peer.push(changed, { skewSeconds: -1 })).toEqual(answer);
      expect(await findFact(pair.cloud, GROUP, event.id)).toMatchObject({ version: 1 });

      const expiresAt = fromNow(3600);
      expect(await peer.push({ ...changed, expiresAt })).toEqual(answer);
      const kept = await until('the longer lease', async () => {
        const fact = await findFact(pair.cloud, GROUP, event.id);
        return fact?.version === 2 && fact;
      });
      const { type, subject, payload } = event;
      expect(kept).toMatchObject({ type, subject, payload, expiresAt });
      expect(await conflictsCounted()).toBe(conflicts + 2);
      const recorded = await until('the record', async () => {
        const record = await lastIntakeRecord();
        return record.id === event.id && record;
      });
      expect(recorded).toMatchObject({ type: 'conflict', code: 'content-conflict', way: 'peer' });
      expect(await peer.push({ ...changed, expiresAt: fromNow(60) })).toEqual(answer);
    });

    it('X8 two contents of one id at once: whichever comes first is kept, with the later expiry', async () => {
      const pairs = Array.from({ length: 8 }, () => {
        const first = goEvent();
        return [first, { ...first, payload: { other: 'content' }, expiresAt: fromNow(3600) }] as const;
      });
      const replies = await Promise.all(pairs.flat().map((event) => peer.push(event)));
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
      for (const [first, other] of pairs) {
        const stored = await until('the longer lease', async () => {
          const fact = await findFact(pair.cloud, GROUP, first.id);
          return fact?.expiresAt === other.expiresAt && fact;
        });
        expect(stored.payload).toEqual(stored.version === 1 ? other.payload : first.payload);
      }
    });

    it('X8 what we push under an id that the peer holds with other content is delivered, once', async () => {
      const event = goEvent({ subject: '10.30.8.1/32' });
      await peer.push(event);
      const ours = observation({ id: event.id, subject: event.subject, payload: { domain: 'changed' } });
      await emit(pair.onprem, GROUP, ours);
      expect(await delivered(pair.onprem, event.id)).toMatchObject({ attempts: 1, lastError: null });
      expect(await findFact(pair.cloud, GROUP, event.id)).toMatchObject({ payload: event.payload });
      const dead = await pair.onprem.json<{ about: { factId?: string } }[]>('dead', 'list');
      expect(dead.filter(({ about }) => about.factId === event.id)).toEqual([]);
    });

    it('X5 a malformed originSequence is refused', async () => {
      const event = goEvent();
      await expectRefused(
        () => peer.push({ ...event, originSequence: '1' }),
        refusal('bad-grammar', event.id),
        event.id,
      );
    });

    it('E17 a body over 1 MiB is 413 and counted, whatever its signature', async () => {
      const body = ' '.repeat((1 << 20) + 1);
      await expectRefused(() => peer.push(body, { secret: 'another' }), {
        status: 413,
        body: {
          accepted: false,
          code: 'too-large',
          id: '',
          message: expect.stringContaining('1048576 bytes'),
        },
      });
    });
  });

  /** Requests that the receiver has recognized as seen before. */
  async function replaysCounted(): Promise<number> {
    const text = await (await fetch(`${pair.cloud.url}/metrics`)).text();
    const lines = text
      .split('\n')
      .filter((line) => /^signalbox_receiver_pushes_total\{.*outcome="replay"/.test(line));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** Facts of other content that the receiver has counted. */
  async function conflictsCounted(): Promise<number> {
    const text = await (await fetch(`${pair.cloud.url}/metrics`)).text();
    const line = text
      .split('\n')
      .find((one) => /^signalbox_facts_total\{.*way="peer",outcome="content-conflict"/.test(one));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** What the receiver recorded last about the facts that it was sent. */
  async function lastIntakeRecord(): Promise<{ id?: string; code?: string }> {
    const nats = await pair.cloud.rawNats();
    try {
      const wanted = JSON.stringify({ last_by_subj: `activity.intake.${GROUP}` });
      const reply = await nats.request('$JS.API.STREAM.MSG.GET.ACTIVITY', wanted);
      const { message } = JSON.parse(reply) as { message?: { data: string } };
      return message ? (JSON.parse(Buffer.from(message.data, 'base64').toString()) as object) : {};
    } finally {
      nats.close();
    }
  }

  /** The peer of the example with something else. */
  function eventPeer(other: {
    name?: string;
    groupRef?: string;
    endpoint?: string;
    subjectPrefixes?: string[];
  }): string {
    const { name = 'cloud', ...spec } = other;
    return resource('EventPeer', name, {
      groupRef: GROUP,
      nodeName: CLOUD_NODE,
      endpoint: pair.endpoint,
      types: [OBSERVED],
      ...spec,
    });
  }
});

/** An event of the member of the group, as routerd sends it. */
function goEvent(given: Partial<GoEvent> = {}): GoEvent {
  const id = `evt-${Date.now() * 1_000_000}-${randomBytes(8).toString('hex')}`;
  return {
    id,
    group: GROUP,
    sourceNode: ONPREM_NODE,
    type: OBSERVED,
    subject: '10.30.0.1/32',
    dedupeKey: id,
    payload: { domain: 'edge-lan' },
    observedAt: fromNow(0),
    expiresAt: fromNow(1800),
    ...given,
  };
}

/** Our refusal of a signed event. */
function refusal(code: string, id: string): { status: number; body: object } {
  return { status: 400, body: { accepted: false, code, id, message: expect.any(String) } };
}

/** One side of a group in which two sites push to each other. */
function ringSide(secretDir: string, node: string, port: number, peerNode: string, peerPort: number): string {
  const peer = { groupRef: 'ring', nodeName: peerNode, endpoint: `http://127.0.0.1:${peerPort}` };
  return `${group('ring', secretDir, 'edge.key', node, port)}---\n${resource('EventPeer', 'ring', peer)}`;
}

function group(name: string, secretDir: string, secret: string, nodeName: string, port?: number): string {
  return resource('EventGroup', name, {
    nodeName,
    auth: { mode: 'hmac', secretFile: `${secretDir}/${secret}` },
    ...(port !== undefined && { listen: { address: '127.0.0.1', port } }),
  });
}

/** A resource of the federation as one document. */
function resource(kind: string, name: string, spec: object): string {
  const apiVersion = 'federation.routerd.net/v1alpha1';
  return `${JSON.stringify({ apiVersion, kind, metadata: { name }, spec })}\n`;
}
