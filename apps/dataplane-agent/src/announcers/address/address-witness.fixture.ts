import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@signalbox/testing';
import { IP } from '../../drivers/nftables/nftables.fixture.js';

/** An answer to one question of the client, as it went over the wire. */
export interface SeenAnswer {
  readonly address: string;
  /** Of who answered. */
  readonly mac: string;
  /** The question. */
  readonly question: string;
  /** Seconds since 1970. */
  readonly at: number;
}

const WHAT = 'icmp[icmptype] == icmp-echoreply or (icmp6 and ip6[40] == 129)';
const LINE = /^([\d.]+) (\S+) > .*: (\S+) > \S+: ICMP6?,? echo reply, (id \d+, seq \d+)/;

/** Writes down every answer that comes to the client, and which machine it is from. */
export class Witness {
  seen: SeenAnswer[] = [];

  private constructor(private readonly child: ChildProcess) {}

  static async open(space: string, tcpdump: string): Promise<Witness> {
    const words = ['netns', 'exec', space, tcpdump, '--immediate-mode', '-lnett', '-i', 'segment', WHAT];
    const child = spawn(IP ?? '', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const witness = new Witness(child);
    let [text, said] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (more: string) => (said += more));
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      const lines = (text + more).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) witness.hear(line);
    });
    await until('tcpdump to listen', () => said.includes('listening on'));
    return witness;
  }

  /** Answers from an address, from a place in the record on. */
  of(address: string, from = 0): readonly SeenAnswer[] {
    return this.seen.slice(from).filter((one) => one.address === address);
  }

  /** Questions that two machines answered. */
  twice(): readonly string[] {
    const first = new Map<string, SeenAnswer>();
    return this.seen.flatMap((one) => {
      const key = `${one.address} ${one.question}`;
      const before = first.get(key);
      first.set(key, before ?? one);
      return before && before.mac !== one.mac
        ? [`${key}: ${before.mac} at ${before.at}, ${one.mac} at ${one.at}`]
        : [];
    });
  }

  /** Machines that answered for an address, in their order. */
  order(address: string): readonly string[] {
    const macs = this.of(address).map(({ mac }) => mac);
    return macs.filter((mac, at) => mac !== macs[at - 1]);
  }

  forget(): void {
    this.seen = [];
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private hear(line: string): void {
    const [, at = '', mac = '', address = '', question = ''] = LINE.exec(line) ?? [];
    if (mac !== '') this.seen.push({ address, mac, question, at: Number(at) });
  }
}
