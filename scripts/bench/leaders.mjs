// How long a VIP that is held by a lease is without a leader when its node goes: killed, stopped and started again, drained.
import { mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from './alone/domain-of.mjs';
import { startServers } from './servers.mjs';
import { NODES, Segment, until, VIP } from './vrrp-segment.mjs';

/** The shortest that there is, and the default. Milliseconds. */
const LEASES = [4_000, 10_000];

const PATIENT = { deadlineMs: 30_000 };

const SILENT = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Measures it, or says why it cannot. */
export async function benchLeaders(frame) {
  const lack = whatLacks();
  if (lack !== undefined) {
    frame.leftOut(`VIPs by leases: ${lack}`);
    return;
  }
  const state = mkdtempSync(join(tmpdir(), 'bench-leaders-'));
  const servers = await startServers(state);
  const segment = new Segment(['ip', 'arping']);
  try {
    for (const leaseMs of LEASES) {
      frame.title(`leaders, a VIP whose node goes, a lease of ${leaseMs / 1_000} s`);
      const nodes = () =>
        NODES.map((name, rank) => new LeasedNode(segment, servers.natsUrl, name, rank, leaseMs));
      const note = `the lease is ${leaseMs} ms`;
      await measure(frame, 'until another node leads, agent killed', note, () =>
        takeOver(segment, nodes(), kill),
      );
      await measure(frame, 'until another node leads, drain', note, () => takeOver(segment, nodes(), drain));
      await measure(frame, 'silence, drain', note, () => silence(segment, nodes(), drain, true));
      await measure(frame, 'silence, agent killed and started again', note, () =>
        silence(segment, nodes(), restart, false),
      );
    }
  } finally {
    segment.close();
    await servers.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

const kill = (node) => node.kill();
const drain = (node) => node.apply([]);
const restart = async (node) => {
  await node.kill();
  await node.start();
};

async function measure(frame, figure, note, run) {
  const row = frame.row({ figure, unit: 'ms' });
  for (const round of frame.rounds) {
    const { result, condition } = await frame.measured(`${figure}, ${note}, round ${round}`, run);
    row.add(result, { condition });
  }
  row.note(note);
  row.close();
}

async function takeOver(segment, [first, second], happen) {
  return withBoth(segment, first, second, async () => {
    const began = performance.now();
    await happen(first);
    await until('the other node', () => segment.hasVip(second.name));
    return performance.now() - began;
  });
}

async function silence(segment, [first, second], happen, moves) {
  return withBoth(segment, first, second, () =>
    segment.longestSilence(
      () => happen(first),
      () => segment.hasVip((moves ? second : first).name),
    ),
  );
}

async function withBoth(segment, first, second, work) {
  try {
    await first.start();
    await segment.untilHas(first.name);
    await second.start();
    // from now on the second believes what it read of the bucket
    await until('the second to know who leads', async () => await second.follows());
    return await work();
  } finally {
    await Promise.all([first.end(), second.end()]);
    await until('nobody to have the VIP', () => NODES.every((name) => !segment.hasVip(name)));
  }
}

/** An agent's half of a node: its connection, the bucket and the announcer. */
class LeasedNode {
  constructor(segment, url, name, rank, leaseMs) {
    Object.assign(this, { url, name, rank, leaseMs });
    this.programs = { ip: segment.pathOf(name, 'ip'), arping: segment.pathOf(name, 'arping') };
  }

  async start() {
    const { Bus, ensureStream, STREAM_DEFINITIONS } = await built('libs/bus/src/index.js');
    const { Leaders } = await built('apps/dataplane-agent/src/leases/leaders.js');
    const { AddressAnnouncer } = await built(
      'apps/dataplane-agent/src/announcers/address/address-announcer.js',
    );
    this.bus = await Bus.connect({ url: this.url, name: 'bench', log: SILENT });
    await ensureStream(this.bus.manager, STREAM_DEFINITIONS.leaders, SILENT);
    this.leaders = new Leaders();
    this.leaders.attach(this.bus);
    this.announcer = new AddressAnnouncer({ node: this.name, ...this.programs }, this.leaders, SILENT);
    const leadership = { rank: this.rank, preempt: false, leaseMs: this.leaseMs };
    const vip = { address: VIP, announcement: 'bench', method: 'address', listeners: ['web'] };
    await this.apply([{ ...vip, interface: 'seg0', leadership, withdrawWithoutTargets: true, drainMs: 0 }]);
  }

  /** Whether it has read that another node leads. */
  async follows() {
    const [vip] = await this.announcer.observe();
    return vip?.why?.endsWith('leads it') ?? false;
  }

  /** As kill -9 of the agent leaves it: nothing is given back, nothing is renewed. */
  async kill() {
    await this.announcer.close();
    await this.leaders.stop();
    await this.bus.close();
  }

  async end() {
    if (!this.announcer) return;
    if (!this.bus.connection.isClosed()) {
      await this.apply([]);
      await until('the lease to be given back', () => this.leaders.keyOf(VIP)?.lease?.released ?? true);
    }
    await this.kill();
  }

  apply(vips) {
    return this.announcer.apply({ node: this.name, prefixes: ['10.4.0.0/24'], peers: [], vips }, PATIENT);
  }
}

function whatLacks() {
  for (const program of ['ip', 'arping', 'ping'])
    if (spawnSync(program, ['-V']).error) return `${program} is not installed`;
  const name = `sbx-bench-leaders-${process.pid}`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'del', name]);
  return status === 0 ? undefined : `no network namespace can be made: ${stderr.trim()}`;
}
