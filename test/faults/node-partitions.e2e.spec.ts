import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Alarm, Resource } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import type { RouteWatch } from '../../scripts/ha/world.mjs';
import { backend, becomes } from '../e2e/balance-site.js';
import { balance, connectCheck, effectiveOf, findListener } from '../e2e/traffic.js';
import { HA_LACK, HaSite, type NodeName, NODES } from './ha-site.js';

jest.setTimeout(300_000);

/** What an agent says when it has lost the site, and when it has found it again. */
const LOST = /lost the connection to NATS|connection to NATS went stale/;
const FOUND = /connected to NATS again/;
/** Lines that each connection gets while the site is away: at 20 ms each, five times the sync interval of the nodes. */
const LONG = 500;
/** And in a minute. */
const A_MINUTE = 3000;
/** How often the way between a node and the site breaks, in turns. */
const FLAPS = 4;

/** One VIP more, for the same targets. */
const OTHER_VIP = '192.0.2.11';
const OTHER: readonly Resource[] = [
  balance('LoadBalancer', 'other', { address: OTHER_VIP }),
  balance('Listener', 'other', {
    ...{ loadBalancer: 'other', protocol: 'tcp', port: 80, pools: ['web'], forwarding: 'dsr' },
  }),
];

/** Together with the targets more than the number from which on a failure of most of them at once is held. */
const [MORE_BACKENDS, FIRST_MORE] = [9, 31];
/** Nobody goes down before most have failed, and who is held is held for long enough to look at. */
const SLOW = { interval: '10s', fastInterval: '4s', timeout: '500ms', fall: 4 };
const QUICK = { interval: '300ms', fastInterval: '100ms', fall: 3 };

const describeHa = HA_LACK === undefined ? describe : describe.skip;

describeHa('nodes that are cut off from the site, with packets flowing', () => {
  let ha: HaSite;
  let watch: RouteWatch;

  beforeAll(async () => {
    ha = await HaSite.start();
  });
  afterAll(async () => {
    await ha?.stop();
  });
  beforeEach(async () => {
    await ha.bothServe();
    await ha.connect();
    watch = await ha.world.watchRoutes();
  });
  afterEach(async () => {
    await watch.end();
    await ha.disconnect();
  });

  it('a NATS that answers nobody for a minute changes nothing: BGP stays, connections live', async () => {
    const lost = say(NODES, LOST);
    signalNats('SIGSTOP');
    try {
      await lost();
      await ha.noneIsLost(A_MINUTE);
    } finally {
      signalNats('SIGCONT');
    }
    await ha.bothServe();
    await ha.noneIsLost();
    expect(await watch.changes()).toEqual([]);
  });

  it('kill -9 of NATS changes nothing', async () => {
    const found = say(NODES, FOUND);
    signalNats('SIGKILL');
    await found();
    await ha.bothServe();
    await ha.noneIsLost();
    expect(await watch.changes()).toEqual([]);
  });

  it('F6 what both missed they do when the site is back, and nothing else', async () => {
    const lost = say(NODES, LOST);
    for (const node of NODES) cables().cut('management', node);
    try {
      await lost();
      await ha.apply(...OTHER);
      expect((await ha.site.cli('drain', 't3', '--reason', 'F6')).code).toBe(0);
      await ha.noneIsLost();
      expect((await ha.site.cli('undrain', 't3')).code).toBe(0);
      expect(ha.world.routes(OTHER_VIP)).toEqual([]);
    } finally {
      for (const node of NODES) cables().mend('management', node);
    }
    await until('both to announce the new VIP', () => ha.world.routes(OTHER_VIP).length === NODES.length);
    await ha.bothServe();
    await ha.noneIsLost();
    expect(await watch.changes()).toEqual([]);
  });

  it.each(['from', 'to'] as const)(
    'F7 packets %s a node are lost: nothing is withdrawn',
    async (direction) => {
      const [lost, found] = [say(['n1'], LOST), say(['n1'], FOUND)];
      cables().cut('management', 'n1', direction);
      await lost();
      await ha.noneIsLost(LONG);
      cables().mend('management', 'n1');
      await found();
      await ha.bothServe();
      await ha.noneIsLost();
      expect(await watch.changes()).toEqual([]);
    },
  );

  it('F7 the way to the site flaps: nothing is withdrawn', async () => {
    for (let flap = 0; flap < FLAPS; flap += 1) {
      const [lost, found] = [say(['n1'], LOST), say(['n1'], FOUND)];
      // every other time it is back before anybody notices
      const isNoticed = flap % 2 === 1;
      cables().cut('management', 'n1', isNoticed ? 'both' : 'from');
      await (isNoticed ? lost() : ha.noneIsLost());
      cables().mend('management', 'n1');
      if (isNoticed) await found();
    }
    await ha.apply(...OTHER);
    await ha.bothServe();
    await ha.noneIsLost();
    expect(await watch.changes()).toEqual([]);
  });

  it.each(['from', 'to'] as const)(
    'F7 packets %s a node are lost on the segment: it is left',
    async (direction) => {
      cables().cut('segment', 'n1', direction);
      await ha.routed('n2');
      await ha.noneIsLost();
      cables().mend('segment', 'n1');
      await ha.bothServe();
      await ha.noneIsLost();
    },
  );

  it('F16 checks that all fail at once are held, and change nothing', async () => {
    const more = Array.from({ length: MORE_BACKENDS }, (_none, n) => `${ha.world.segment}.${FIRST_MORE + n}`);
    for (const address of more) ha.world.namespaces.ip('t3', `addr add ${address}/24 dev seg0`);
    const names = more.map((_address, n) => `more${n}`);
    await ha.apply(
      connectCheck(SLOW),
      ...more.map((address, n) => backend(names[n]!, address, { port: 80, healthcheck: 'connect' })),
    );
    for (const name of [...names, 't1', 't2', 't3']) await becomes(ha.site, name, 'up');
    cables().cut('segment', 'site');
    try {
      await until('the alarm', async () =>
        (await ha.site.json<Alarm[]>('show', 'alarms')).some(({ kind }) => kind === 'mass-failure'),
      );
    } finally {
      cables().mend('segment', 'site');
    }
    await until('the alarm to end', async () =>
      (await ha.site.json<Alarm[]>('show', 'alarms')).every(({ kind }) => kind !== 'mass-failure'),
    );
    expect(effectiveOf(await findListener(ha.site, 'web'))).toEqual({ t1: 100, t2: 100, t3: 100 });
    await ha.noneIsLost();
    expect(await watch.changes()).toEqual([]);
    await ha.apply(connectCheck(QUICK));
  });

  it('F16 a VIP without targets is withdrawn by both, and comes back with the first', async () => {
    await ha.disconnect();
    await everyTarget('refuse');
    await ha.routed();
    await everyTarget('listen');
    await ha.bothServe();
    expect(await ha.world.tryOne()).toMatch(/^t[123]$/);
  });

  it('F16 a VIP that is to stay without targets refuses clients, who need not wait', async () => {
    await ha.disconnect();
    await ha.apply(announcement({ withdrawWithoutTargets: false }));
    await everyTarget('refuse');
    await until('nobody to be served', async () =>
      Object.values(effectiveOf(await findListener(ha.site, 'web'))).every((weight) => weight === 0),
    );
    await until('a client to be refused', async () => (await ha.world.tryOne()) === null);
    expect(await watch.changes()).toEqual([]);
    expect(ha.world.routes()).toEqual(NODES);
    await everyTarget('listen');
    await ha.bothServe();
    expect(await ha.world.tryOne()).toMatch(/^t[123]$/);
  });

  function cables(): typeof ha.world.cables {
    return ha.world.cables;
  }

  function signalNats(signal: NodeJS.Signals): void {
    process.kill(ha.site.nats.pid()!, signal);
  }

  async function everyTarget(what: 'listen' | 'refuse'): Promise<void> {
    for (const target of Object.values(ha.world.targets)) await target.do(what);
  }

  /** Resolves once the agents of all these have said it since the call. */
  function say(nodes: readonly NodeName[], what: RegExp): () => Promise<unknown> {
    const agents = nodes.map((node) => ha.world.nodes[node].agent);
    const before = agents.map(({ said }) => said);
    return () =>
      until(`the agents of ${nodes.join(' and ')} to say ${what.source}`, () =>
        agents.every((agent, at) => what.test(agent.saidSince(before[at]!))),
      );
  }
});

function announcement(change: object = {}): Resource {
  return balance('Announcement', 'edge', { method: 'bird', vipPools: ['edge'], drainTime: '1s', ...change });
}
