// A router with BIRD that says when routes come and go, and nodes that speak BGP to it, in network namespaces.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const NAME = `sbx-bench-bgp-${process.pid}`;
export const ROUTER_AS = 65_001;
export const NODE_AS = 65_010;

/** For hangs only. Milliseconds. */
const MOST_MS = 30_000;

/** Why this machine cannot; undefined: it can. */
export function whatLacks() {
  for (const program of ['ip', 'bird', 'birdc'])
    if (spawnSync(program, ['--help']).error) return `${program} is not installed`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', NAME], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'del', NAME]);
  return status === 0 ? undefined : `no network namespace can be made: ${stderr.trim()}`;
}

/** A router, and for each node a namespace with a link to it. */
export class RouterWorld {
  directory = mkdtempSync(join(tmpdir(), 'bench-bgp-'));
  children = [];
  spaces = [];
  hearers = new Set();

  constructor(nodes) {
    this.nodes = nodes;
    // also when the bench is ended in the middle
    process.once('exit', () => this.removeAll());
    this.space('r');
    nodes.forEach((node, at) => {
      this.space(node);
      const [link, end] = [`l-${node}`, `r-${node}`];
      const spaces = [`${NAME}-${node}`, `${NAME}-r`];
      ip('link', 'add', link, 'netns', spaces[0], 'type', 'veth', 'peer', 'name', end, 'netns', spaces[1]);
      ip('-n', spaces[0], 'addr', 'add', `${this.addressOf(at)}/30`, 'dev', link);
      ip('-n', spaces[1], 'addr', 'add', `${this.routerOf(at)}/30`, 'dev', end);
      ip('-n', spaces[0], 'link', 'set', link, 'up');
      ip('-n', spaces[1], 'link', 'set', end, 'up');
    });
  }

  addressOf(at) {
    return `10.5.${at}.2`;
  }

  routerOf(at) {
    return `10.5.${at}.1`;
  }

  pathOf(name) {
    return join(this.directory, name);
  }

  /** Without a log of its own BIRD writes to that of the system, which takes longer than what is measured. */
  head(routerId) {
    return `router id ${routerId};\nlog "${this.pathOf('log')}" { fatal, bug };\nprotocol device {}\n`;
  }

  /** Starts the router; it connects to nodes, since some take long to do so. */
  async start() {
    const sessions = this.nodes.map(
      (node, at) => `protocol bgp ${sessionOf(node)} {
  local ${this.routerOf(at)} as ${ROUTER_AS}; neighbor ${this.addressOf(at)} as ${NODE_AS};
  connect delay time 1; connect retry time 1; error wait time 1, 1; debug { routes };
  ipv4 { import all; export none; };
}`,
    );
    await this.bird('r', `${this.head(this.routerOf(0))}${sessions.join('\n')}\n`);
    this.socket = createConnection({ path: this.pathOf('r.ctl') }, () =>
      this.socket.write('echo all 65536\n'),
    );
    let rest = '';
    this.socket.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      const at = performance.now();
      for (const line of lines) for (const hear of this.hearers) hear(line, at);
    });
  }

  /** Starts a BIRD in the namespace of a node. */
  async bird(node, text) {
    writeFileSync(this.pathOf(`${node}.conf`), text);
    const files = ['-c', this.pathOf(`${node}.conf`), '-s', this.pathOf(`${node}.ctl`)];
    this.run(node, 'bird', ['-f', ...files, '-P', this.pathOf(`${node}.pid`)]);
    await until(`BIRD of ${node}`, () => this.birdc(node, 'show', 'status').includes('up and running'));
  }

  run(node, program, args) {
    const child = spawn('ip', ['netns', 'exec', `${NAME}-${node}`, program, ...args], { stdio: 'ignore' });
    this.children.push(child);
    return child;
  }

  birdc(node, ...words) {
    return spawnSync('birdc', ['-s', this.pathOf(`${node}.ctl`), ...words], { encoding: 'utf8' }).stdout;
  }

  untilSession(node) {
    return until(`the session of ${node}`, () =>
      this.birdc('r', 'show', 'protocols', sessionOf(node)).includes('Established'),
    );
  }

  /** When the router has said of all these routes that they came, or went: from now, in milliseconds. */
  untilTold(word, prefixes, deed) {
    return new Promise((resolve, reject) => {
      const left = new Set(prefixes);
      const end = (error, value) => {
        clearTimeout(timer);
        this.hearers.delete(hear);
        if (error) reject(error);
        else resolve(value);
      };
      const timer = setTimeout(
        () => end(new Error(`the router did not say that ${left.size} routes were ${word}`)),
        MOST_MS,
      );
      const hear = (line, at) => {
        const [, prefix] = / > (?:added|removed)[^0-9]* ([0-9.]+\/32)/.exec(line) ?? [];
        if (prefix && line.includes(word)) left.delete(prefix);
        if (left.size === 0) end(undefined, at - began);
      };
      this.hearers.add(hear);
      const began = performance.now();
      Promise.resolve(deed()).catch(end);
    });
  }

  /** Until the router has so many routes of a node: it is asked again and again, since it says of many one by one. */
  async untilCount(node, count, deed) {
    const socket = createConnection({ path: this.pathOf('r.ctl') }).setEncoding('utf8');
    const wanted = new RegExp(`(?:^|[ -])${count} of`, 'm');
    try {
      const counted = new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`the router has not ${count} routes`)), MOST_MS);
        const ask = () => socket.write(`show route table master4 protocol ${sessionOf(node)} count\n`);
        socket.on('data', (text) => {
          if (!wanted.test(text)) return ask();
          clearTimeout(timer);
          resolve(performance.now());
        });
      });
      const began = performance.now();
      const [at] = await Promise.all([counted, deed()]);
      return at - began;
    } finally {
      socket.destroy();
    }
  }

  async close() {
    this.socket?.destroy();
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    this.removeAll();
  }

  removeAll() {
    for (const child of this.children) child.kill('SIGKILL');
    for (const space of this.spaces.splice(0)) ip('netns', 'del', space);
    rmSync(this.directory, { recursive: true, force: true });
  }

  space(node) {
    const space = `${NAME}-${node}`;
    ip('netns', 'add', space);
    this.spaces.push(space);
    ip('-n', space, 'link', 'set', 'lo', 'up');
  }
}

export async function until(what, holds) {
  const deadline = Date.now() + MOST_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited ${MOST_MS} ms for ${what}`);
    await sleep(20);
  }
}

/** Words such as bird mean something to BIRD. */
function sessionOf(node) {
  return `to_${node.replace('-', '_')}`;
}

function ip(...args) {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
