import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { FakeBytes, FakeReader } from './fake-bytes.fixture.js';
import { type Body, confBody, serverDetails, vipDetails, WRITES } from './fake-lb-requests.fixture.js';
import { FAKE_MESSAGES } from './fake-messages.fixture.js';
import { FakeMoods, type Mood } from './fake-moods.fixture.js';
import { LbPlugin, VppDied } from './lb-plugin.fixture.js';
import { lbMain, lbVips, lbVipsVerbose } from './lb-text.fixture.js';

/** Numbers of the two messages of the handshake; all others get theirs from the table. */
const CREATE_ID = 15;
const CREATE_REPLY_ID = 16;
const FIRST_ID = 100;

const HEADER_BYTES = 16;

/** Entries of a dump that leave together: VPP sends each as it comes to it. */
const TOLD_AT_ONCE = 500;

/** Bytes behind the return value of an answer; they are there, and zero, also when it is a no. */
const BEHIND_RETVAL: Readonly<Record<string, number>> = {
  control_ping: 8,
  show_version: 32 + 32 + 32 + 256,
  cli_inband: 4,
  lb_conf_get: 4 + 16 + 4 + 4,
};

/** Written when it is sent. */
type Answer = () => FakeBytes;

export interface FakeVppOptions {
  readonly version?: string;
  readonly buildDate?: string;
  /** Another CRC for some messages, or none: the message is missing. */
  readonly messages?: Readonly<Record<string, string | undefined>>;
  /** Seconds, for what times out in the plugin. */
  readonly now?: () => number;
}

/**
 * A VPP that is none: it listens at a socket, speaks the binary API byte by byte, and models the lb plugin with its traps. What it is told to
 * do wrong is in {@link moods}. Requests of one connection are done one after the other, as VPP does them.
 */
export class FakeVpp {
  readonly moods = new FakeMoods();
  /** Each change that was asked for, also one that was refused, in the order in which they came; as `as 192.0.2.1/32 tcp 443 10.0.0.1 weight 50`. */
  readonly writes: string[] = [];
  /** Each request by its name. */
  readonly requests: string[] = [];
  /** Mistakes of the client that VPP would not survive, or would not notice. */
  readonly mistakes: string[] = [];
  plugin: LbPlugin;
  /** Another one in each run. */
  pid = 4000;
  startedAtMs = Date.now();

  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private table = new Map<string, { readonly id: number; readonly crc: string }>();
  private clients = 0;

  private constructor(
    readonly path: string,
    private options: FakeVppOptions,
  ) {
    this.plugin = new LbPlugin(this.now);
    this.name();
  }

  static async start(path: string, options: FakeVppOptions = {}): Promise<FakeVpp> {
    const fake = new FakeVpp(path, options);
    await fake.listen();
    return fake;
  }

  /** All that was configured is gone, connections too; the next run has another process and other numbers of messages. */
  async restart(options: FakeVppOptions = this.options): Promise<void> {
    await this.stop();
    this.options = options;
    this.plugin = new LbPlugin(this.now);
    this.pid += 1;
    this.startedAtMs = Date.now();
    this.name();
    await this.listen();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const { server } = this;
    this.server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
    await rm(this.path, { force: true });
  }

  /** Only the connections; VPP itself goes on. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Is client there? As VPP asks those that have been silent. */
  keepalive(context = 0): void {
    this.broadcast(new FakeBytes().u16(this.idOf('memclnt_keepalive')).u32(0).u32(context));
  }

  /** What nobody asked for, from a plugin that nobody knows. */
  event(): void {
    this.broadcast(new FakeBytes().u16(this.idOf('sw_interface_event')).u32(1).u32(2));
  }

  /** Bytes as they are, which may be no message at all. */
  garble(bytes: Buffer): void {
    for (const socket of this.sockets) socket.write(bytes);
  }

  get clientCount(): number {
    return this.sockets.size;
  }

  idOf(message: string): number {
    return this.table.get(message)?.id ?? 0;
  }

  private readonly now = (): number => this.options.now?.() ?? (Date.now() - this.startedAtMs) / 1000;

  /** Numbers differ in each run, so that nobody may keep one. */
  private name(): void {
    const messages = { ...FAKE_MESSAGES, ...this.options.messages };
    this.table = new Map();
    let id = FIRST_ID + (this.pid % 50) * 7;
    for (const [message, crc] of Object.entries(messages)) {
      if (crc === undefined) continue;
      if (message === 'sockclnt_create') this.table.set(message, { id: CREATE_ID, crc });
      else if (message === 'sockclnt_create_reply') this.table.set(message, { id: CREATE_REPLY_ID, crc });
      else this.table.set(message, { id: (id += 1), crc });
    }
  }

  private async listen(): Promise<void> {
    const server = createServer((socket) => this.accept(socket));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.path, resolve);
    });
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    let unread = Buffer.alloc(0);
    let last = Promise.resolve();
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= HEADER_BYTES) {
        const whole = HEADER_BYTES + unread.readUInt32BE(8);
        if (unread.length < whole) break;
        const message = Buffer.from(unread.subarray(HEADER_BYTES, whole));
        unread = unread.subarray(whole);
        last = last.then(async () => this.serve(socket, message));
      }
    });
  }

  private async serve(socket: Socket, message: Buffer): Promise<void> {
    if (socket.destroyed) return;
    const request = new FakeReader(message);
    const id = request.u16();
    const name = [...this.table].find(([, entry]) => entry.id === id)?.[0];
    if (name === undefined) return void this.mistakes.push(`a message of number ${id}`);
    this.requests.push(name);
    const mood = this.moods.next(name);
    if (mood?.kind === 'lose-request') return;
    if (mood?.kind === 'die') return this.stop();
    try {
      const answers = this.answer(name, request, mood);
      if (mood?.kind === 'hold') await mood.released;
      if (mood?.kind === 'lose-answer') return;
      for (let at = 0; at < answers.length; at += TOLD_AT_ONCE)
        socket.write(Buffer.concat(answers.slice(at, at + TOLD_AT_ONCE).map((answer) => answer().framed())));
    } catch (error) {
      if (error instanceof VppDied) return this.stop();
      this.mistakes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private answer(name: string, request: FakeReader, mood: Mood | undefined): Answer[] {
    if (name === 'sockclnt_create') {
      const welcome = this.welcome(request);
      return [() => welcome];
    }
    if (name === 'memclnt_keepalive_reply') return [];
    request.u32();
    const context = request.u32();
    const write = WRITES[name]?.(request);
    if (write !== undefined) {
      request.end();
      this.writes.push(write.text);
      const retval = mood?.kind === 'refuse' ? mood.retval : mood?.kind === 'lie' ? 0 : write.do(this.plugin);
      return [this.reply(`${name}_reply`, context, (bytes) => bytes.u32(retval))];
    }
    if (mood?.kind === 'refuse') {
      const rest = Buffer.alloc(BEHIND_RETVAL[name] ?? 0);
      return [this.reply(`${name}_reply`, context, (bytes) => bytes.u32(mood.retval).raw(rest))];
    }
    const { reply, bodies } = this.read(name, request);
    return bodies.map((body) => this.reply(reply, context, body));
  }

  private read(
    name: string,
    request: FakeReader,
  ): { readonly reply: string; readonly bodies: readonly Body[] } {
    const { version = '26.10-rc0~fake', buildDate = '2026-09-30T10:00:00' } = this.options;
    const one = (body: Body) => ({ reply: `${name}_reply`, bodies: [body] });
    switch (name) {
      case 'control_ping':
        return one((bytes) => bytes.u32(0).u32(0).u32(this.pid));
      case 'show_version':
        return one((bytes) =>
          bytes.u32(0).text('vpe', 32).text(version, 32).text(buildDate, 32).text('/build', 256),
        );
      case 'sockclnt_delete':
        return one((bytes) => bytes.u32(1));
      case 'cli_inband':
        return one(this.cli(request.raw(request.u32()).toString()));
      case 'lb_conf_get':
        return one(confBody(this.plugin));
      case 'lb_vip_dump':
        return { reply: 'lb_vip_details', bodies: vipDetails(this.plugin) };
      case 'lb_as_v2_dump':
        return { reply: 'lb_as_v2_details', bodies: serverDetails(this.plugin, request) };
      default:
        throw new Error('nothing that the fake can answer');
    }
  }

  private cli(command: string): Body {
    const up = ((Date.now() - this.startedAtMs) / 1000).toFixed(6);
    const texts: Readonly<Record<string, () => string>> = {
      'show clock': () => `Time now ${up}, reftime ${up}, error 0.000000, clocks/sec 2100000000.000000\n`,
      'show lb': () => lbMain(this.plugin),
      'show lb vips': () => lbVips(this.plugin),
      'show lb vips verbose': () => lbVipsVerbose(this.plugin),
    };
    const text = texts[command]?.() ?? `${command.split(' ')[0]}: unknown command\n`;
    return (bytes) => bytes.u32(0).u32(Buffer.byteLength(text)).raw(Buffer.from(text));
  }

  private welcome(request: FakeReader): FakeBytes {
    const context = request.u32();
    request.raw(64);
    request.end();
    this.clients += 1;
    const answer = new FakeBytes()
      .u16(CREATE_REPLY_ID)
      .u32(0)
      .u32(context)
      .u32(0)
      .u32(this.clients)
      .u16(this.table.size);
    for (const [message, { id, crc }] of this.table) answer.u16(id).text(`${message}_${crc}`, 64);
    return answer;
  }

  private reply(name: string, context: number, body: Body): Answer {
    return () => body(new FakeBytes().u16(this.idOf(name)).u32(context));
  }

  private broadcast(message: FakeBytes): void {
    for (const socket of this.sockets) socket.write(message.framed());
  }
}
