import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Alarm,
  type NodeListener,
  type NodeVip,
  type NodeVipReport,
  SUBJECTS,
} from '@signalbox/contracts';
import type { RunningServices } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import { AgentSite } from './agent.fixture.js';
import { listener, NodeWriter, target } from './node-writer.fixture.js';

/** A VIP of one listener that is told to one router. */
export function vip(
  address: string,
  listeners: readonly string[] = ['web'],
  over: Partial<NodeVip> = {},
): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'bird', listeners, interface: 'lo' },
    ...{ withdrawWithoutTargets: true, drainMs: 300, route: { peers: ['tor-a'] } },
    ...over,
  };
}

/** A listener at a VIP, with one target. */
export function at(address: string, name = 'web', weight = 100): NodeListener {
  return { ...listener(name, target(8080, weight)), address };
}

/** An agent whose VIPs, network and interfaces are in memory, and who writes what it shall announce. */
export class VipSite {
  private constructor(
    readonly site: AgentSite,
    readonly writer: NodeWriter,
  ) {}

  static async start(): Promise<VipSite> {
    const site = await AgentSite.start();
    return new VipSite(site, await NodeWriter.of(site.bus));
  }

  /** The next state announces these. */
  announce(...vips: readonly NodeVip[]): void {
    const peer = { name: 'tor-a', address: '198.51.100.1', port: 179, asn: 64_512, localAsn: 64_513 };
    const times = { holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5 };
    this.writer.announcements = { prefixes: ['192.0.2.0/24'], peers: [{ ...peer, ...times }], vips };
  }

  /** The next state has the node drained. */
  drain(): void {
    const { announcements } = this.writer;
    if (announcements) this.writer.announcements = { ...announcements, drained: true };
  }

  /** What the records say of a VIP all together. */
  told(address: string): NodeVipReport | undefined {
    let known: NodeVipReport | undefined;
    for (const { whole, vips = [], goneVips = [] } of this.site.records) {
      if (whole || goneVips.includes(address)) known = undefined;
      known = vips.find((one) => one.address === address) ?? known;
    }
    return known;
  }

  /** Waits until the records say that the VIP is so; undefined: that it is gone. */
  async untilTold(
    address: string,
    state: NodeVipReport['state'] | undefined,
  ): Promise<NodeVipReport | undefined> {
    await until(`a record that ${address} is ${state}`, () => this.told(address)?.state === state);
    return this.told(address);
  }

  /** Entries of the journal that are among these, in their order. */
  journalOf(...entries: readonly string[]): string[] {
    return this.site.journal.filter((entry) => entries.includes(entry));
  }

  async alarms(): Promise<readonly Alarm[]> {
    const ask = SUBJECTS.ask('dataplane-agent', 'alarms');
    const answers = await this.site.bus.askAll<{ alarms: Alarm[] }>(ask, {}, 5000);
    return answers.flatMap((answer) => answer.alarms);
  }

  /** The file in which the agent keeps what it has to know. */
  keptNow(): Promise<string> {
    return readFile(this.keptFile, 'utf8');
  }

  /**
   * Ends an agent as if it was killed when the file was as `kept`: what it did since to the data plane and the network stands, and it
   * knows nothing of that.
   */
  async killed(running: RunningServices, kept: string): Promise<void> {
    await this.site.end(running);
    await writeFile(this.keptFile, kept);
  }

  /** The machine starts anew: what is in no file is gone. */
  rebooted(): void {
    const { plane, network, addresses } = this.site;
    plane.standing.clear();
    network.standing.clear();
    addresses.links.set('lo', new Set(['127.0.0.1', '::1']));
  }

  private get keptFile(): string {
    return join(this.site.dir, 'state', 'dataplane-agent', 'local.json');
  }
}
