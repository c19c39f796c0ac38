import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { leaderSubject, type NodeVip } from '@signalbox/contracts';
import { createLog } from '@signalbox/runtime';
import { NatsProcess, until } from '@signalbox/testing';
import { Leaders } from '../../leases/leaders.js';
import { ip } from '../../drivers/nftables/nft-world.fixture.js';
import type { AnnouncerFrame, AnnouncerSubject } from '../contract/announcer-stage.fixture.js';
import { AddressAnnouncer } from './address-announcer.js';
import { ClientSegment, SEGMENT, vipOf } from './address-world.fixture.js';

const silent = createLog('silent');

/** An announcer with leases in a NATS of its own, a client on the segment, and another node that is only a voice in the bucket. */
export class AddressStand implements AnnouncerSubject {
  readonly frame: AnnouncerFrame = {
    node: 'n1',
    prefixes: ['192.0.2.0/24', '2001:db8:1::/64'],
    peers: [],
  };
  announcer: AddressAnnouncer;
  /** VIPs that the client tries to reach. */
  private readonly named = new Set<string>();

  private constructor(
    private readonly directory: string,
    readonly nats: NatsProcess,
    readonly bus: Bus,
    readonly leaders: Leaders,
    readonly segment: ClientSegment,
  ) {
    this.announcer = this.make();
  }

  static async open(): Promise<AddressStand> {
    const directory = await mkdtemp(join(tmpdir(), 'address-'));
    const nats = await NatsProcess.start(join(directory, 'nats'));
    const bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
    await ensureStream(bus.manager, STREAM_DEFINITIONS.leaders, silent);
    const leaders = new Leaders();
    leaders.attach(bus);
    const stand = new AddressStand(directory, nats, bus, leaders, await ClientSegment.open());
    await until('the bucket to be read', () => leaders.reading);
    return stand;
  }

  vip(family: 'IPv4' | 'IPv6', number: number): NodeVip {
    const vip = vipOf(family, number);
    this.named.add(vip.address);
    return vip;
  }

  refusedVip(): NodeVip {
    return vipOf('IPv4', 0, { address: '203.0.113.9' });
  }

  seen(): Promise<readonly string[]> {
    return this.segment.reached([...this.named]);
  }

  othersWithdraw(address: string): Promise<void> {
    ip('addr', 'del', `${address}/${address.includes(':') ? 128 : 32}`, 'dev', SEGMENT);
    return Promise.resolve();
  }

  /** Another node writes that it has the first VIP. */
  async otherChanges(): Promise<void> {
    const lease = { node: 'n2', run: randomUUID(), count: 0, rank: 1, leaseMs: 4000 };
    await this.bus.publisher.publishJson(leaderSubject(vipOf('IPv4', 0).address), lease);
  }

  again(): Promise<AddressAnnouncer> {
    this.announcer = this.make();
    return Promise.resolve(this.announcer);
  }

  async end(): Promise<void> {
    await this.announcer.close();
    await this.leaders.stop();
    await this.segment.close();
    await this.bus.close();
    await this.nats.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  private make(): AddressAnnouncer {
    return new AddressAnnouncer({ node: 'n1' }, this.leaders, createLog('silent'));
  }
}
