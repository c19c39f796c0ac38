// A segment with two nodes and a client in network namespaces, for VIPs that move between nodes.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DEVICE = 'seg0';
const NAME = `sbx-bench-vrrp-${process.pid}`;

export const VIP = '10.4.0.20';
export const NODES = ['n1', 'n2'];

/** For hangs only. Milliseconds. */
const MOST_MS = 30_000;

/** Between two questions of the client. Seconds. */
const EVERY_SECONDS = '0.002';

/** Why this machine cannot; undefined: it can. */
export function whatLacks() {
  for (const program of ['ip', 'keepalived', 'ping', 'setpriv', 'flock'])
    if (spawnSync(program, ['--help']).error) return `${program} is not installed`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', NAME], { encoding: 'utf8' });
  ip('netns', 'del', NAME);
  return status === 0 ? undefined : `no network namespace can be made: ${stderr.trim()}`;
}

/** Namespaces, which end with `close` or with this process. */
export class Segment {
  /** `programs`: those that are to be found for each node as if they were in its namespace. */
  constructor(programs = ['keepalived', 'ip']) {
    this.directory = mkdtempSync(join(tmpdir(), 'bench-vrrp-'));
    process.once('exit', () => this.removeNamespaces());
    for (const name of ['segment', 'client', ...NODES]) demanded('netns', 'add', spaceOf(name));
    demanded('-n', spaceOf('segment'), 'link', 'add', 'br0', 'type', 'bridge');
    demanded('-n', spaceOf('segment'), 'link', 'set', 'br0', 'up');
    for (const [at, name] of [...NODES, 'client'].entries()) {
      const far = spaceOf(name);
      demanded(
        '-n',
        spaceOf('segment'),
        'link',
        'add',
        name,
        'type',
        'veth',
        'peer',
        'name',
        DEVICE,
        'netns',
        far,
      );
      this.setPlug(name, true);
      demanded('-n', spaceOf('segment'), 'link', 'set', name, 'up');
      demanded('-n', far, 'address', 'add', `10.4.0.${at + 1}/24`, 'dev', DEVICE);
      demanded('-n', far, 'link', 'set', 'lo', 'up');
      demanded('-n', far, 'link', 'set', DEVICE, 'up');
    }
    for (const name of NODES) {
      mkdirSync(this.pathOf(name));
      for (const program of programs) this.writeProgram(name, program);
    }
  }

  pathOf(node, file = '') {
    return join(this.directory, node, file);
  }

  /** Whether frames of a node get through; its link stays up. */
  setPlug(node, isIn) {
    demanded('-n', spaceOf('segment'), 'link', 'set', node, ...(isIn ? ['master', 'br0'] : ['nomaster']));
  }

  hasVip(node) {
    return ip('-n', spaceOf(node), 'address', 'show', 'dev', DEVICE).stdout.includes(`${VIP}/32`);
  }

  /** Waits until exactly one node has the VIP. */
  async untilHas(node) {
    await until(`${node} to have the VIP`, () => NODES.every((one) => this.hasVip(one) === (one === node)));
  }

  /**
   * How long the client hears nothing, from the last answer before something happens to the first one after it that
   * comes when the longest silence is over. Milliseconds. `happen`: what; `isOver`: whether the other node has taken over.
   */
  async longestSilence(happen, isOver) {
    const client = spawn('ip', [
      'netns',
      'exec',
      spaceOf('client'),
      'ping',
      '-n',
      '-D',
      '-i',
      EVERY_SECONDS,
      VIP,
    ]);
    const times = [];
    let rest = '';
    client.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const [, at] = /^\[([\d.]+)\] \d+ bytes from/.exec(line) ?? [];
        if (at) times.push(Number(at) * 1_000);
      }
    });
    try {
      await until('answers', () => times.length > 100);
      await happen();
      await until('the other node', isOver);
      const { length } = times;
      await until('answers again', () => times.length > length + 100);
    } finally {
      const gone = once(client, 'exit');
      client.kill('SIGKILL');
      await gone;
    }
    return Math.max(...times.slice(1).map((at, before) => at - times[before]));
  }

  close() {
    this.removeNamespaces();
    rmSync(this.directory, { recursive: true, force: true });
  }

  removeNamespaces() {
    for (const name of ['segment', 'client', ...NODES]) ip('netns', 'del', spaceOf(name));
  }

  /** A program in the place of another, which runs that one in the namespace of a node. */
  writeProgram(node, program) {
    const path = this.pathOf(node, program);
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${spaceOf(node)} ${program} "$@"\n`);
    chmodSync(path, 0o755);
  }
}

export async function until(what, isSo) {
  for (const end = performance.now() + MOST_MS; performance.now() < end; await sleep(5))
    if (await isSo()) return;
  throw new Error(`waited ${MOST_MS} ms for ${what}`);
}

function spaceOf(name) {
  return `${NAME}-${name}`;
}

function demanded(...args) {
  const { status, stderr } = ip(...args);
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function ip(...args) {
  return spawnSync('ip', args, { encoding: 'utf8' });
}
