import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@signalbox/testing';
import { DEVICE, ip, macOf, type NodeName, NODES, PING, TCPDUMP } from './vrrp-world.fixture.js';

/** Between two questions to a VIP. Seconds. */
const EVERY_SECONDS = '0.01';

/** An answer from a VIP, as it came over the wire. */
export interface Answer {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly vip: string;
  readonly node: NodeName;
  /** Number of the question. */
  readonly question: number;
}

/**
 * Asks VIPs all the time who has them, in frames for everybody on the segment: whoever has a VIP answers, not only whom the client
 * took for its holder last. What comes back is seen with the MAC address of who sent it.
 */
export class WireWatch {
  readonly answers: Answer[] = [];
  private readonly nodes = new Map(NODES.map((name) => [macOf(name), name]));
  private readonly children: ChildProcess[] = [];
  private rest = '';

  static async start(...vips: readonly string[]): Promise<WireWatch> {
    const watch = new WireWatch();
    await watch.listen();
    for (const vip of vips) watch.ask(vip);
    return watch;
  }

  /** Waits until this node alone answers for all of the VIPs: 20 questions one after the other. */
  async untilAnswers(node: NodeName, ...vips: readonly string[]): Promise<void> {
    for (const vip of vips)
      await until(`${node} alone to answer for ${vip}`, () => {
        const last = this.of(vip).slice(-20);
        return last.length === 20 && last.every((answer) => answer.node === node);
      });
  }

  /** Waits until a question that is asked from now on is answered, by whomever. */
  async untilHeard(vip: string): Promise<Answer> {
    const { length } = this.of(vip);
    return until(`an answer from ${vip}`, () => this.of(vip).slice(length).at(-1));
  }

  of(vip: string): readonly Answer[] {
    return this.answers.filter((answer) => answer.vip === vip);
  }

  /** Questions that two nodes answered. */
  doubles(): Answer[] {
    const first = new Map<string, NodeName>();
    return this.answers.filter(({ vip, node, question }) => {
      const key = `${vip} ${question}`;
      const other = first.get(key) ?? node;
      first.set(key, other);
      return other !== node;
    });
  }

  /** Nodes in the order in which they answered for a VIP, each as often as it took over. */
  holders(vip: string): NodeName[] {
    const nodes = this.of(vip).map(({ node }) => node);
    return nodes.filter((node, at) => node !== nodes[at - 1]);
  }

  /** Questions between the first answer and the last one that nobody answered. */
  lost(vip: string): number {
    const numbers = new Set(this.of(vip).map(({ question }) => question));
    return numbers.size === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers) + 1 - numbers.size;
  }

  async end(): Promise<void> {
    for (const child of this.children.splice(0)) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    ip('neigh', 'flush', 'nud', 'permanent', 'dev', DEVICE);
  }

  private async listen(): Promise<void> {
    const filter = '(icmp and icmp[0] == 0) or (icmp6 and ip6[40] == 129)';
    const args = ['-i', DEVICE, '-l', '-n', '-e', '-U', '-tt', '-Q', 'in', filter];
    const child = spawn(TCPDUMP ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.children.push(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.heard(text));
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('tcpdump to listen', () => said.includes('listening on'));
  }

  private ask(vip: string): void {
    const everybody = vip.includes(':') ? '33:33:00:00:00:01' : 'ff:ff:ff:ff:ff:ff';
    ip('neigh', 'replace', vip, 'lladdr', everybody, 'dev', DEVICE, 'nud', 'permanent');
    this.children.push(spawn(PING ?? '', ['-n', '-q', '-i', EVERY_SECONDS, vip], { stdio: 'ignore' }));
  }

  private heard(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, at, mac = '', vip = '', question] =
        /^([\d.]+) ([\da-f:]+) > .*: ([\da-f.:]+) > .* echo reply, id \d+, seq (\d+)/.exec(line) ?? [];
      const node = this.nodes.get(mac);
      if (node) this.answers.push({ at: Number(at) * 1_000, vip, node, question: Number(question) });
    }
  }
}
