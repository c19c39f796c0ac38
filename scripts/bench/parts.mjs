// The parts of the bench, in the order in which they run.
import { benchBalance } from './balance.mjs';
import { benchBgp } from './bgp.mjs';
import { benchChain } from './chain.mjs';
import { benchConfig } from './config.mjs';
import { benchDomain } from './domain.mjs';
import { benchFacts } from './facts.mjs';
import { benchFederation } from './federation.mjs';
import { benchHa } from './ha.mjs';
import { benchHealth } from './health.mjs';
import { benchIdle } from './idle.mjs';
import { benchLeaders } from './leaders.mjs';
import { benchOneShot } from './one-shot.mjs';
import { benchPlugins } from './plugins.mjs';
import { benchReading } from './reading.mjs';
import { benchRebuild } from './rebuild.mjs';
import { benchSinks } from './sinks.mjs';
import { benchVpp } from './vpp.mjs';
import { benchVrrp } from './vrrp.mjs';

export const PARTS = {
  domain: {
    about: 'matching with 10 to 100,000 subscriptions',
    run: benchDomain,
  },
  idle: {
    about: 'start to ready, memory and processor time of a site that has nothing to do',
    run: benchIdle,
  },
  facts: { about: 'facts in by request, pub, REST single and batch, durable and projected', run: benchFacts },
  chain: {
    about: 'from the fact to the effective config, persistent plugin: rate, latency',
    run: benchChain,
  },
  'one-shot': { about: 'the same with a native plugin that is started for every fact', run: benchOneShot },
  plugins: {
    about: 'one-shot and persistent plugins, native and Node, the runner alone',
    run: benchPlugins,
  },
  config: {
    about: 'one changed part of 10,000; the config of a past generation and time',
    run: benchConfig,
  },
  sinks: { about: 'from the fact to the file of a sink: latency, processor time', run: benchSinks },
  rebuild: { about: 'projections folded again from their streams', run: benchRebuild },
  reading: { about: 'reads of a site that has much, and its start', run: benchReading },
  federation: { about: 'a new peer catches up', run: benchFederation },
  health: { about: 'probes per second, slip, from a deciding probe to the weight', run: benchHealth },
  balance: {
    about: 'Maglev table, traffic through sim and HAProxy, applies, changed weights',
    run: benchBalance,
  },
  leaders: { about: 'VIPs by leases: how long until another node has them', run: benchLeaders },
  bgp: { about: 'VIPs by BGP: how fast they are at a router, and gone there', run: benchBgp },
  vrrp: { about: 'VIPs by VRRP: how long they are silent when their node goes', run: benchVrrp },
  ha: { about: 'what clients notice of a node that dies, is cut off or is drained', run: benchHa },
  vpp: { about: 'a full sync of VPP in which nothing differs', run: benchVpp },
};
