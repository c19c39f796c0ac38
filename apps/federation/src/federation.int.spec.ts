import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { FakePeer } from './fake-peer.fixture.js';
import { FederationSite, GROUP } from './federation.fixture.js';

const START_MS = 300_000;
const inFuture = (ms: number): string => new Date(Date.now() + ms).toISOString();

describe('federation', () => {
  let site: FederationSite;
  let peer: FakePeer;

  beforeAll(async () => {
    site = await FederationSite.create();
  }, START_MS);
  afterAll(() => site.destroy(), START_MS);

  beforeEach(async () => {
    await site.reset();
    peer = await FakePeer.create();
    site.writeSecret(peer.secret);
    await site.start();
    await site.change(site.group(), site.peer('cloud', peer.endpoint));
  }, START_MS);
  afterEach(async () => {
    await site.stop();
    await peer.stop();
  }, START_MS);

  const delivered = (id: string, name = 'cloud'): Promise<unknown> =>
    until(`${id} to be delivered to ${name}`, async () => (await site.row(id, name))?.state === 'delivered');

  it('T1 pushes a fact as the reference does, and records it', async () => {
    const seq = await site.fact('evt-1', { expiresAt: inFuture(60_000) });
    await delivered('evt-1');
    const [push] = peer.received;
    expect(push).toMatchObject({
      verified: true,
      body: {
        id: 'evt-1',
        group: GROUP,
        sourceNode: 'onprem',
        type: 'client.observed',
        subject: '10.0.0.1/32',
        dedupeKey: 'evt-1',
        payload: { k: 'evt-1' },
        observedAt: '2026-05-30T11:59:00Z',
        expiresAt: expect.stringMatching(/Z$/),
      },
    });
    expect(Math.abs(Number(push?.timestamp) - Date.now() / 1000)).toBeLessThan(10);
    expect(await site.rows()).toMatchObject([
      { group: GROUP, peer: 'cloud', id: 'evt-1', seq, version: 1, attempts: 1, deliveredVersion: 1 },
    ]);
    expect(await site.metrics()).toMatch(
      /signalbox_deliveries_total\{group="cloudedge",peer="cloud",status="delivered"\} 1/,
    );
    expect(site.lanes.conditions()).toMatchObject([{ peer: 'cloud', state: 'Delivering', inWork: 0 }]);
  });

  it('T4 T14 resumes after a restart: what was delivered is not pushed again, what came meanwhile is', async () => {
    await site.fact('evt-1');
    await delivered('evt-1');
    await site.stop();
    await site.fact('evt-2');
    await site.start();
    await delivered('evt-2');
    expect(peer.ids).toEqual(['evt-1', 'evt-2']);
    expect(await site.rows()).toMatchObject([
      { id: 'evt-1', attempts: 1 },
      { id: 'evt-2', attempts: 1 },
    ]);
  });

  it('T15 T16 pushes neither expired facts nor those of others, and has no rows for them', async () => {
    await site.fact('expired', { expiresAt: '2026-05-30T11:59:30Z' });
    await site.fact('theirs', {}, { own: false });
    await site.fact('fresh');
    await delivered('fresh');
    expect(peer.ids).toEqual(['fresh']);
    expect(await site.rows()).toHaveLength(1);
  });

  it('T17 pushes a refresh again', async () => {
    await site.fact('evt-1', { expiresAt: inFuture(60_000) });
    await delivered('evt-1');
    const expiresAt = inFuture(120_000);
    await site.fact('evt-1', { expiresAt }, { change: 'refresh', version: 2 });
    await until('the refresh to be delivered', async () => (await site.row('evt-1'))?.version === 2);
    expect(peer.received.map(({ body }) => body['expiresAt'])[1]).toBe(expiresAt);
    expect(await site.row('evt-1')).toMatchObject({ state: 'delivered', deliveredVersion: 2, expiresAt });
  });

  it('T18 gives each peer what it asked for', async () => {
    const [narrow, prefixed] = [await FakePeer.create(), await FakePeer.create()];
    await site.change(
      site.peer('narrow', narrow.endpoint, { types: ['client.gone'] }),
      site.peer('prefixed', `${prefixed.endpoint}/`, { subjectPrefixes: ['10.2.', '10.3.'] }),
    );
    await site.fact('a', { subject: '10.2.0.1' });
    await site.fact('b', { type: 'client.gone', subject: '10.9.0.1' });
    await site.fact('c', { type: 'client.gone', subject: '10.3.0.1' });
    await Promise.all([delivered('c'), delivered('c', 'narrow'), delivered('c', 'prefixed')]);
    await Promise.all([delivered('a'), delivered('b'), delivered('b', 'narrow'), delivered('a', 'prefixed')]);
    expect(peer.ids.sort()).toEqual(['a', 'b', 'c']);
    expect(narrow.ids.sort()).toEqual(['b', 'c']);
    expect(prefixed.ids.sort()).toEqual(['a', 'c']);
    await Promise.all([narrow.stop(), prefixed.stop()]);
  });

  it('T12 tries again until the peer takes the fact, each time with another signature', async () => {
    peer.answering = (_push, nth) => ({ status: nth < 3 ? 503 : 200 });
    await site.fact('evt-1');
    await delivered('evt-1');
    expect(peer.ids).toEqual(['evt-1', 'evt-1', 'evt-1']);
    expect(new Set(peer.received.map(({ signature }) => signature)).size).toBe(3);
    expect(await site.row('evt-1')).toMatchObject({ attempts: 3, error: null });
  });

  it('T11 shows a fact as failed after three tries, goes on, and counts on after a restart', async () => {
    peer.answering = () => ({ status: 500, text: 'oops' });
    await site.fact('evt-1');
    const failed = await until('three tries', async () => {
      const row = await site.row('evt-1');
      return row?.state === 'failed' ? row : undefined;
    });
    expect(failed).toMatchObject({ errorCode: 'peer-unreachable', error: 'the peer answered 500: oops' });
    expect(site.lanes.conditions()).toMatchObject([{ state: 'Failing', inWork: 1 }]);
    await site.stop();
    const tries = peer.received.length;
    peer.answering = () => ({ status: 200, text: '{"duplicate":true}' });
    await site.start();
    await delivered('evt-1');
    expect(await site.row('evt-1')).toMatchObject({ attempts: tries + 1, error: null });
    expect(await site.deadLetters()).toEqual([]);
  });

  it('T28 gives up a fact that the peer judges, keeps it as a dead letter, and goes on with the next', async () => {
    const text = '{"accepted":false,"code":"group-mismatch","id":"bad"}';
    peer.answering = ({ id }) => (id === 'bad' ? { status: 400, text } : { status: 200 });
    const seq = await site.fact('bad');
    await site.fact('good');
    await delivered('good');
    await until('the bad one to be dead', async () => (await site.row('bad'))?.state === 'dead');
    expect(await site.row('bad')).toMatchObject({
      attempts: 1,
      errorCode: 'peer-refused-fact',
      error: 'the peer answered 400: group-mismatch',
    });
    const [letter, ...more] = await site.deadLetters();
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      service: 'federation',
      error: { code: 'peer-refused-fact' },
      stream: `FACTS_${GROUP}`,
      seq,
      about: { factId: 'bad', peer: 'cloud', group: GROUP },
    });
    expect(peer.ids.filter((id) => id === 'bad')).toHaveLength(1);
  });

  it('gives up a fact that expires before the peer takes it', async () => {
    peer.answering = () => ({ status: 503 });
    await site.fact('brief', { expiresAt: inFuture(700) });
    await until('it to be given up', async () => (await site.row('brief'))?.state === 'dead');
    expect(await site.row('brief')).toMatchObject({ errorCode: 'expired' });
    expect(await site.deadLetters()).toEqual([]);
  });

  it('poison in the stream becomes a dead letter and blocks nobody', async () => {
    await site.bus.publisher.publish(`facts.${GROUP}.own.3.client.observed`, Buffer.from('{"fact":'));
    await site.fact('evt-1');
    await delivered('evt-1');
    const letters = await until('the dead letter', async () => {
      const found = await site.deadLetters();
      return found.length > 0 && found;
    });
    expect(letters).toMatchObject([{ error: { code: 'poison-message' } }]);
  });
});
