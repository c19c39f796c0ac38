import { connect, type Socket } from 'node:net';
import { nkeys } from 'nats';

/**
 * A client that speaks the NATS protocol by hand, as any foreign tool does: no library of ours or of others but for the
 * signature of a login.
 */
export class RawNats {
  private buffer = '';
  private readonly arrivals: ((text: string) => boolean)[] = [];

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.buffer += chunk;
      for (const arrival of [...this.arrivals])
        if (arrival(this.buffer)) this.arrivals.splice(this.arrivals.indexOf(arrival), 1);
      if (this.buffer.includes('PING\r\n')) {
        this.buffer = this.buffer.replace('PING\r\n', '');
        socket.write('PONG\r\n');
      }
    });
  }

  /** `seed`: NKEY seed of the user to log in as, where the server asks for one. */
  static async connect(url: string, seed?: string): Promise<RawNats> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const client = new RawNats(socket);
    const [, info = ''] = await client.receive(/^INFO (.*)\r\n/m);
    const login = seed === undefined ? {} : signed(seed, JSON.parse(info) as ServerInfo);
    const options = { verbose: false, pedantic: false, name: 'raw', ...login };
    socket.write(`CONNECT ${JSON.stringify(options)}\r\nPING\r\n`);
    const [answer] = await client.receive(/PONG\r\n|-ERR .*\r\n/);
    if (answer.startsWith('-ERR')) throw new Error(`NATS refused the connection: ${answer.trim()}`);
    return client;
  }

  /** `nats pub SUBJECT BODY`. Resolves when the server has read it. */
  async publish(subject: string, body: string): Promise<void> {
    this.socket.write(`PUB ${subject} ${Buffer.byteLength(body)}\r\n${body}\r\nPING\r\n`);
    await this.receive(/PONG\r\n/);
  }

  /** `nats request SUBJECT BODY`: the body of the first reply. */
  async request(subject: string, body: string): Promise<string> {
    const inbox = `_INBOX.raw.${Math.random().toString(36).slice(2)}`;
    this.socket.write(
      `SUB ${inbox} 1\r\nUNSUB 1 1\r\nPUB ${subject} ${inbox} ${Buffer.byteLength(body)}\r\n${body}\r\n`,
    );
    const [, , reply = ''] = await this.receive(/MSG \S+ 1 (\d+)\r\n([\s\S]*?)\r\n/);
    return reply;
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(pattern: RegExp, deadlineMs = 60_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no ${pattern} from NATS: ${this.buffer}`)),
        deadlineMs,
      );
      const look = (text: string): boolean => {
        const match = pattern.exec(text);
        if (!match) return false;
        clearTimeout(timer);
        this.buffer = text.slice(match.index + match[0].length);
        resolve(match);
        return true;
      };
      if (!look(this.buffer)) this.arrivals.push(look);
    });
  }
}

interface ServerInfo {
  /** What a client signs to log in. */
  readonly nonce?: string;
}

function signed(seed: string, { nonce = '' }: ServerInfo): { nkey: string; sig: string } {
  const user = nkeys.fromSeed(Buffer.from(seed));
  return { nkey: user.getPublicKey(), sig: Buffer.from(user.sign(Buffer.from(nonce))).toString('base64url') };
}
