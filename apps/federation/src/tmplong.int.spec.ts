import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { FakePeer } from './fake-peer.fixture.js';
import { FederationSite, GROUP } from './federation.fixture.js';
let site: FederationSite;
let peer: FakePeer;
beforeAll(async () => {
  site = await FederationSite.create();
  await site.reset();
  peer = await FakePeer.create(false);
  site.writeSecret(peer.secret);
  await site.start();
  await site.change(site.group(), site.peer('cloud', peer.endpoint));
}, 60000);
afterAll(async () => {
  await site.destroy();
  await peer.stop();
}, 60000);
it('long', async () => {
  const ids = Array.from({ length: 80 }, (_, at) => `evt-${at}`);
  for (const id of ids) await site.fact(id);
  await new Promise((r) => setTimeout(r, 55_000));
  const d = (await site.durables())[0]!;
  const info = await site.bus.manager.consumers.info(`FACTS_${GROUP}`, d);
  console.log(
    'pending',
    info.num_ack_pending,
    'redelivered',
    info.num_redelivered,
    info.num_pending,
    JSON.stringify(site.lanes.conditions()),
  );
  const pid = (site as any).servers[0].pid();
  process.kill(pid, 'SIGKILL');
  await new Promise((r) => setTimeout(r, 4_000));
  await peer.start();
  const t0 = Date.now();
  await until(
    'all',
    async () => {
      const rows = await site.rows();
      return rows.length === 80 && rows.every((r) => r.state === 'delivered');
    },
    90_000,
  );
  console.log(
    'recovered in',
    Date.now() - t0,
    'posts',
    peer.ids.length,
    JSON.stringify((await site.rows()).slice(0, 3)),
  );
  await site.fact('after');
  await until('after', async () => (await site.row('after'))?.state === 'delivered', 30_000);
}, 200_000);
