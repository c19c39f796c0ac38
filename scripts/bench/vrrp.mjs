// How long a VIP is silent when its node goes: the announcer with its guard beside a keepalived alone, by turns.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from './alone/domain-of.mjs';
import { NODES, Segment, until, VIP, whatLacks } from './vrrp-segment.mjs';

/** As short as networks allow without false alarms on a machine with two processors. Milliseconds. */
const ADVERT_MS = 100;

const PATIENT = { deadlineMs: 30_000 };

/** Measures it, or says why it cannot. */
export async function benchVrrp(frame) {
  const lack = whatLacks();
  if (lack !== undefined) {
    frame.leftOut(`VIPs by VRRP: ${lack}`);
    return;
  }
  frame.title(`vrrp, a VIP whose node goes, an advertisement each ${ADVERT_MS} ms`);
  const segment = new Segment();
  try {
    const pair = (make) => NODES.map((name, rank) => make(segment, name, rank));
    const ours = pair((...args) => new GuardedNode(...args));
    const bare = pair((...args) => new BareNode(...args));
    await measure(frame, segment, 'silence, orderly stop', ours, bare, (node) => node.stop());
    await measure(frame, segment, 'silence, silent loss of the link', ours, bare, (node) =>
      segment.setPlug(node.name, false),
    );
    // a keepalived alone leaves the address, so two nodes answer: that has no figure to stand beside
    await measure(frame, segment, 'silence, kill -9 of keepalived', ours, undefined, (node) => node.kill());
  } finally {
    segment.close();
  }
}

async function measure(frame, segment, figure, ours, bare, happen) {
  const about = { figure, unit: 'ms', ...(bare && { limitName: 'keepalived alone' }) };
  const row = frame.row(about);
  for (const round of frame.rounds)
    for (const [add, nodes] of [
      ['add', ours],
      ['addLimit', bare],
    ]) {
      if (!nodes) continue;
      const what = `${figure}, ${add === 'add' ? 'announcer' : 'keepalived alone'}, round ${round}`;
      const { result, condition } = await frame.measured(what, () => takeOver(segment, nodes, happen));
      row[add](result, { condition });
    }
  if (!bare) row.note('a keepalived alone leaves the address on its node: two nodes answer');
  row.close();
}

async function takeOver(segment, [first, second], happen) {
  try {
    await first.start();
    await segment.untilHas(first.name);
    await second.start();
    // long enough to have heard the first one
    await sleep(10 * ADVERT_MS);
    return await segment.longestSilence(
      () => happen(first),
      () => segment.hasVip(second.name),
    );
  } finally {
    segment.setPlug(first.name, true);
    await Promise.all([first.end(), second.end()]);
  }
}

/** A node of ours: the announcer, its guard and keepalived. */
class GuardedNode {
  constructor(segment, name, rank) {
    Object.assign(this, { name, rank, directory: segment.pathOf(name, 'vrrp') });
    this.programs = { keepalived: segment.pathOf(name, 'keepalived'), ip: segment.pathOf(name, 'ip') };
  }

  async start() {
    const { VrrpAnnouncer } = await built('apps/dataplane-agent/src/announcers/vrrp/vrrp-announcer.js');
    this.announcer = new VrrpAnnouncer({ directory: this.directory, ...this.programs });
    const leadership = { rank: this.rank, preempt: false, virtualRouterId: 51, advertMs: ADVERT_MS };
    const vip = { address: VIP, announcement: 'bench', method: 'vrrp', listeners: ['web'] };
    await this.apply([{ ...vip, interface: 'seg0', leadership, withdrawWithoutTargets: true, drainMs: 0 }]);
  }

  stop() {
    return this.apply([]);
  }

  kill() {
    for (const file of ['keepalived.pid', 'vrrp.pid'])
      process.kill(Number(readFileSync(join(this.directory, file), 'utf8')), 'SIGKILL');
  }

  async end() {
    await this.stop();
    await this.announcer.close();
  }

  apply(vips) {
    return this.announcer.apply({ node: this.name, prefixes: ['10.4.0.0/24'], peers: [], vips }, PATIENT);
  }
}

/** A node with nothing but keepalived and a file that somebody wrote. */
class BareNode {
  constructor(segment, name, rank) {
    Object.assign(this, { name, rank, program: segment.pathOf(name, 'keepalived') });
    this.pathOf = (file) => segment.pathOf(name, file);
  }

  async start() {
    const instance = [
      ...['state BACKUP', 'interface seg0', 'virtual_router_id 51', 'version 3', 'nopreempt'],
      ...[`priority ${200 - 10 * this.rank}`, `advert_int ${ADVERT_MS / 1_000}`],
      `virtual_ipaddress {\n    ${VIP}/32 dev seg0\n  }`,
    ];
    const text = `vrrp_instance bench {\n${instance.map((line) => `  ${line}\n`).join('')}}\n`;
    writeFileSync(this.pathOf('bare.conf'), text);
    const files = [
      '-f',
      this.pathOf('bare.conf'),
      '-p',
      this.pathOf('bare.pid'),
      '-r',
      this.pathOf('bare-vrrp.pid'),
    ];
    this.process = spawn(this.program, ['-n', '-P', '-G', ...files], { stdio: 'ignore' });
    await until('keepalived to run', () => existsSync(this.pathOf('bare-vrrp.pid')));
  }

  stop() {
    this.process.kill('SIGTERM');
  }

  async end() {
    const { process: keepalived } = this;
    if (keepalived.exitCode !== null || keepalived.signalCode !== null) return;
    const gone = once(keepalived, 'exit');
    this.stop();
    await gone;
  }
}
