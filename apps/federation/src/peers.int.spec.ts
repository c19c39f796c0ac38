import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SUBJECTS } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { FakePeer } from './fake-peer.fixture.js';
import { FederationSite } from './federation.fixture.js';

const START_MS = 300_000;

describe('peers', () => {
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
    await site.change(site.group());
  }, START_MS);
  afterEach(async () => {
    await site.stop();
    await peer.stop();
  }, START_MS);

  const delivered = (id: string, name = 'cloud'): Promise<unknown> =>
    until(`${id} to be delivered to ${name}`, async () => (await site.row(id, name))?.state === 'delivered');
  const stateOf = (name: string): string | undefined =>
    site.lanes.conditions().find((condition) => condition.peer === name)?.state;

  it('X1 signs with the bytes of the key file, and takes another file that reads the same for a change', async () => {
    peer.secret = Buffer.from('6bff6b', 'hex');
    site.writeSecret(peer.secret);
    await site.change(site.peer('cloud', peer.endpoint));
    await site.fact('first');
    await delivered('first');
    peer.secret = Buffer.from('6bfe6b', 'hex');
    await site.fact('second');
    await until('the peer to refuse us', () => stateOf('cloud') === 'Refused');
    site.writeSecret(peer.secret);
    await delivered('second');
  });

  it('T30 a peer added at run time gets the live facts; one that is gone gets nothing and leaves no durable', async () => {
    await site.fact('old');
    await site.fact('expired', { expiresAt: '2026-05-30T11:59:30Z' });
    await site.change(site.peer('cloud', peer.endpoint));
    await delivered('old');
    expect(peer.ids).toEqual(['old']);
    expect(await site.durables()).toHaveLength(1);
    await site.change(site.noPeer('cloud'));
    expect(await site.durables()).toEqual([]);
    const other = await FakePeer.create();
    await site.change(site.peer('other', other.endpoint));
    await site.fact('late');
    await delivered('late', 'other');
    expect(peer.ids).toEqual(['old']);
    await other.stop();
  });

  it('a re-created peer and a changed filter start anew without what was delivered', async () => {
    await site.change(site.peer('cloud', peer.endpoint, { types: ['a', 'b'] }));
    await site.fact('1', { type: 'a' });
    await site.fact('2', { type: 'c' });
    await delivered('1');
    const [first] = await site.durables();
    await site.change(site.peer('cloud', peer.endpoint, { types: ['a', 'c'] }));
    await delivered('2');
    const [second, ...more] = await site.durables();
    expect([more, second === first]).toEqual([[], false]);
    await site.change(site.noPeer('cloud'));
    await site.change(site.peer('cloud', peer.endpoint, { types: ['a', 'c'] }));
    await site.fact('3', { type: 'a' });
    await delivered('3');
    expect(peer.ids).toEqual(['1', '2', '3']);
  });

  it('a peer that became another node gets everything that is live', async () => {
    await site.change(site.peer('cloud', peer.endpoint));
    await site.fact('1');
    await delivered('1');
    const moved = await FakePeer.create();
    await site.change(site.peer('cloud', moved.endpoint, { nodeName: 'another-node' }));
    await until('the new node to have the fact', () => moved.ids.includes('1'));
    expect(await site.durables()).toHaveLength(1);
    await moved.stop();
  });

  it('another endpoint takes effect at once, also for facts that wait, on the same durable', async () => {
    await peer.stop();
    await site.change(site.peer('cloud', peer.endpoint));
    const [durable] = await site.durables();
    await site.fact('1');
    await until('a failed try', async () => ((await site.row('1'))?.attempts ?? 0) >= 5);
    const moved = await FakePeer.create();
    await site.change(site.peer('cloud', moved.endpoint));
    await delivered('1');
    expect(await site.durables()).toEqual([durable]);
    await moved.stop();
  });

  it('X17 says that a secret is missing and waits for it, pushes when it appears, and takes a changed one', async () => {
    site.removeSecret();
    await site.change(site.group({ auth: { secretFile: `${site.secretFile}2` } }));
    await site.change(site.group(), site.peer('cloud', peer.endpoint));
    await site.fact('1');
    await until('the fact to wait', () => site.lanes.conditions()[0]?.inWork === 1);
    expect(site.lanes.conditions()).toMatchObject([{ state: 'Pending', reason: 'secret-missing' }]);
    const told = await site.bus.ask(SUBJECTS.ask('federation', 'alarms'), {}, 2000);
    expect(told).toMatchObject({
      alarms: [
        {
          kind: 'secret-missing',
          name: 'cloudedge',
          resources: [{ kind: 'EventGroup' }, { kind: 'EventPeer', name: 'cloud' }],
          text: expect.stringContaining(`the secret file ${site.secretFile} does not exist`),
        },
      ],
    });
    expect(await site.metrics()).toContain(
      'signalbox_alarms{service="federation",reason="secret-missing"} 1',
    );
    const answer = await site.bus.ask(SUBJECTS.ask('federation', 'peers'), {}, 2000);
    expect(answer).toMatchObject({ peers: [{ doneUpTo: 0, due: 1, error: { code: 'secret-missing' } }] });
    const ready = await fetch(`${site.url}/readyz?verbose`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      alarms: 1,
      firstAlarms: [{ service: 'federation', kind: 'secret-missing', name: 'cloudedge' }],
    });
    expect(peer.ids).toEqual([]);
    site.writeSecret(peer.secret);
    await delivered('1');
    expect(await site.row('1')).toMatchObject({ attempts: 1 });
  });

  it('T28 a peer that refuses us is asked no more until something changes; its facts stay pending', async () => {
    peer.secret = 'theirs';
    await site.change(site.peer('cloud', peer.endpoint));
    await site.fact('1');
    await until('the peer to refuse', () => stateOf('cloud') === 'Refused');
    for (const id of ['2', '3']) await site.fact(id);
    await until('all to wait', () => site.lanes.conditions()[0]?.inWork === 3);
    const asked = peer.received.length;
    await site.fact('4');
    await until('the fourth to wait', () => site.lanes.conditions()[0]?.inWork === 4);
    expect(peer.received).toHaveLength(asked);
    expect(await site.metrics()).toMatch(/signalbox_peer_refused\{group="cloudedge",peer="cloud"\} 1/);
    expect((await site.rows()).every(({ state }) => state === 'pending')).toBe(true);
    site.writeSecret('theirs');
    await Promise.all(['1', '2', '3', '4'].map((id) => delivered(id)));
    expect(await site.row('4')).toMatchObject({ attempts: 1 });
    expect(await site.metrics()).toMatch(/signalbox_peer_refused\{group="cloudedge",peer="cloud"\} 0/);
    expect(await site.deadLetters()).toEqual([]);
  });

  it('T27 a peer that never answers delays no other', async () => {
    const hole = await FakePeer.create();
    hole.answering = () => undefined;
    await site.change(site.peer('cloud', peer.endpoint), site.peer('hole', hole.endpoint));
    const ids = Array.from({ length: 200 }, (_, at) => `evt-${at}`);
    for (const id of ids) await site.fact(id);
    await until('the healthy peer to have all', () => peer.received.length === ids.length);
    expect(new Set(peer.ids).size).toBe(ids.length);
    expect(new Set(peer.received.map(({ connection }) => connection)).size).toBeLessThanOrEqual(32);
    await until('the other to hold its 32', () => hole.received.length === 32);
    await hole.stop();
  });

  it('T13 delivers everything after an outage, with more facts waiting than may be in work', async () => {
    await peer.stop();
    await site.change(site.peer('cloud', peer.endpoint));
    const ids = Array.from({ length: 80 }, (_, at) => `evt-${at}`);
    for (const id of ids) await site.fact(id);
    await until('three failed tries of the first ones', async () =>
      (await site.rows()).some(({ state }) => state === 'failed'),
    );
    expect(site.lanes.conditions()).toMatchObject([{ state: 'Failing', inWork: 32 }]);
    await peer.start();
    await until('all to be delivered', async () => {
      const rows = await site.rows();
      return rows.length === ids.length && rows.every(({ state }) => state === 'delivered');
    });
    expect(new Set(peer.ids).size).toBe(ids.length);
    expect(stateOf('cloud')).toBe('Delivering');
  }, 300_000);

  it('a deleted group stops its peers; nobody pushes to ourselves', async () => {
    await site.change(
      site.peer('cloud', peer.endpoint),
      site.peer('me', peer.endpoint, { nodeName: 'onprem' }),
    );
    expect(site.lanes.conditions()).toHaveLength(1);
    await site.change(site.noGroup());
    expect(site.lanes.conditions()).toEqual([]);
    expect(await site.durables()).toEqual([]);
  });

  it('removes durables that nobody wants any more when it starts', async () => {
    await site.change(site.peer('cloud', peer.endpoint));
    await site.stop();
    await site.change(site.noPeer('cloud'));
    expect(await site.durables()).toHaveLength(1);
    await site.start();
    expect(await site.durables()).toEqual([]);
  });

  it('says how deliveries stand and whether it is ready', async () => {
    await site.change(site.peer('cloud', peer.endpoint));
    const answer = await site.bus.ask(SUBJECTS.ask('federation', 'peers'), {}, 2000);
    const { endpoint } = peer;
    expect(answer).toEqual({
      peers: [
        {
          group: 'cloudedge',
          peer: 'cloud',
          nodeName: 'cloud-node',
          endpoint,
          state: 'Delivering',
          inWork: 0,
          doneUpTo: 0,
          due: 0,
        },
      ],
    });
    const ready = await fetch(`${site.url}/readyz?verbose`);
    expect(await ready.json()).toMatchObject({
      parts: expect.arrayContaining([{ name: 'federation', ready: true }]),
    });
  });
});
