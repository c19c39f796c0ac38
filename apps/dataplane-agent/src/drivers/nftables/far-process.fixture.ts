import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { IP } from './nftables.fixture.js';

/** A program in another network namespace that does what it is asked, one thing after the other. */
export class FarProcess {
  private readonly waiting: {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  private text = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.heard(text));
    // whoever waits for it must not wait for ever
    child.on('exit', () => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error('the far process ended'));
    });
  }

  /** `body`: an object whose functions it has. */
  static async start(namespace: string, body: string): Promise<FarProcess> {
    const words = ['netns', 'exec', namespace, process.execPath, '-e', `${body}\n${SERVE}`];
    const child = spawn(IP ?? '', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child, 'spawn');
    return new FarProcess(child);
  }

  async do<T>(what: string, ...args: readonly unknown[]): Promise<T> {
    if (this.hasEnded) throw new Error('the far process has ended');
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve: (value) => resolve(value as T), reject });
      this.child.stdin?.write(`${JSON.stringify([what, ...args])}\n`);
    });
  }

  async end(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private heard(text: string): void {
    const lines = (this.text + text).split('\n');
    this.text = lines.pop() ?? '';
    for (const line of lines) this.waiting.shift()?.resolve(JSON.parse(line));
  }
}

const SERVE = `
(async () => {
  for await (const line of require('node:readline').createInterface(process.stdin)) {
    const [what, ...args] = JSON.parse(line);
    console.log(JSON.stringify((await does[what](...args)) ?? null));
  }
})();`;

/** Servers that answer each line, or datagram, with their address, unless they have a name, and that of who asks. */
export const SERVERS = `
const net = require('node:net');
const dgram = require('node:dgram');
const bare = (address) => address.replace(/^::ffff:/, '');
const does = {
  set: (path, value) => require('node:fs').writeFileSync('/proc/sys/' + path, value),
  listen: (address, port, name = address) =>
    new Promise((resolve) => {
      const server = net.createServer({ noDelay: true }, (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => socket.write(name + ' ' + bare(socket.remoteAddress) + '\\n'));
      });
      const datagrams = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
      datagrams.on('message', (_text, { address: from, port: to }) =>
        datagrams.send(name + ' ' + bare(from), to, from));
      datagrams.bind({ address, port }, () => server.listen({ host: address, port }, () => resolve()));
    }),
};`;

/** Clients whose connections and flows stand until they are ended. Each answer: [server, as which the server sees it], of datagrams also whence it came. */
export const CLIENTS = `
const net = require('node:net');
const dgram = require('node:dgram');
let standing = [];
let flows = [];
const asking = (socket) =>
  new Promise((resolve) => {
    if (socket.isCut) return resolve(null);
    socket.once('close', () => resolve(null));
    socket.once('data', (text) => resolve(String(text).trim().split(' ')));
    socket.write('who\\n');
  });
const opened = (host, port) =>
  new Promise((resolve) => {
    const socket = net.connect({ host, port, noDelay: true });
    socket.on('error', () => undefined).on('close', () => { socket.isCut = true; resolve(socket); });
    socket.on('connect', () => resolve(socket));
  });
const told = (socket, host, port) =>
  new Promise((resolve) => {
    socket.once('message', (text, { address }) => resolve([...String(text).split(' '), address]));
    socket.send('who', port, host);
  });
const does = {
  async open(count, { address, port }) {
    const answers = [];
    for (let at = 0; at < count; at += 1) {
      const socket = await opened(address, port);
      standing.push(socket);
      answers.push(await asking(socket));
    }
    return answers;
  },
  ask: () => Promise.all(standing.map(asking)),
  cut: () => standing.map((socket) => socket.isCut === true),
  async send(count, { address, port }) {
    const answers = [];
    for (let at = 0; at < count; at += 1) {
      const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
      flows.push({ socket, address, port });
      answers.push(await told(socket, address, port));
    }
    return answers;
  },
  sendAgain: async () => {
    const answers = [];
    for (const { socket, address, port } of flows) answers.push(await told(socket, address, port));
    return answers;
  },
  refused: (bytes, { address, port }) =>
    new Promise((resolve) => {
      const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
      const over = (what) => { socket.close(); resolve(what); };
      socket.on('error', ({ code }) => over(code)).on('message', () => over('answered'));
      socket.connect(port, address, () => socket.send(Buffer.alloc(bytes)));
    }),
  end() {
    for (const socket of standing) socket.destroy();
    for (const { socket } of flows) socket.close();
    [standing, flows] = [[], []];
  },
};`;
