import { setTimeout as delay } from 'node:timers/promises';
import { isAsked, type LinkFacts, linkFacts, neighbourKey, segmentOf, wayTo } from './link-facts.js';
import { runProgram } from './nft-program.js';
import { type NftTime, unavailable } from './nft-time.js';

/** How long it is waited for a neighbour that is asked for the first time: the kernel asks three times, a second apart. Milliseconds. */
const MOST_WAIT_MS = 3_500;

/** Between two looks meanwhile. Milliseconds. */
const LOOK_AGAIN_MS = 50;

/** Devices, routes and neighbours of this machine, by the program `ip`. */
export class NodeLinks {
  /** Neighbours that this process has asked for and waited for: who does not answer does not hold up every change. */
  private readonly waitedFor = new Set<string>();

  /** `only`: names of devices by which clients come; absent: all of them may. */
  constructor(
    private readonly program: string,
    private readonly only?: readonly string[],
  ) {}

  /**
   * What the kernel says of the way to each address. It is made to ask for those whom it does not know, and to make sure of the
   * others; it is waited for those that are asked for the first time, 3.5 seconds at most. Rejects with `data-plane-unavailable`.
   */
  async ask(addresses: readonly string[], time: NftTime): Promise<LinkFacts> {
    const first = await this.look(addresses, time);
    const asked = addresses.flatMap((address) => {
      const device = segmentOf(address, first);
      return device === undefined ? [] : [{ address, device, key: neighbourKey(address, device) }];
    });
    if (asked.length === 0) return first;
    // one that went meanwhile with its device is no error of ours
    const orders = asked.map(({ address, device }) => `neigh replace ${address} dev ${device} use`);
    await this.batch(['-force', '-batch', '-'], orders, time);
    const unknown = asked.filter(
      ({ address, key }) => !this.waitedFor.has(key) && 'lack' in wayTo(address, first),
    );
    const until = performance.now() + MOST_WAIT_MS;
    let facts = first;
    if (unknown.length > 0) {
      do {
        await delay(LOOK_AGAIN_MS);
        facts = await this.look(addresses, time);
      } while (performance.now() < until && unknown.some(({ address }) => isAsked(address, facts)));
    }
    this.waitedFor.clear();
    for (const { key } of asked) this.waitedFor.add(key);
    return facts;
  }

  /** Devices by which packets of clients may come in: those that were named and are there, or all. */
  clientDevices({ devices }: LinkFacts): readonly string[] {
    return this.only ? devices.filter((device) => this.only?.includes(device)) : devices;
  }

  /** What the kernel says now, without asking anybody. */
  private async look(addresses: readonly string[], time: NftTime): Promise<LinkFacts> {
    const questions = ['link show', 'neigh show', ...addresses.map((address) => `route get ${address}`)];
    const { out, err } = await this.batch(['-force', '-j', '-batch', '-'], questions, time);
    // an address without a route is told as an error, and the others are answered all the same
    if (!out.startsWith('['))
      throw unavailable(`${this.program} tells nothing of links: ${err.trim().slice(0, 500)}`);
    return linkFacts(out);
  }

  private batch(
    args: readonly string[],
    lines: readonly string[],
    time: NftTime,
  ): Promise<{ readonly out: string; readonly err: string }> {
    return runProgram(this.program, args, time, `${lines.join('\n')}\n`);
  }
}
