import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareAddresses, type NodeVip } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import {
  BIRD,
  BIRDC,
  BgpWorld,
  Daemon,
  type RouterName,
  type RouterOptions,
  vipAt,
} from '../bgp/bgp-world.fixture.js';
import { spawnSync } from 'node:child_process';
import type { AnnouncerFrame, AnnouncerSubject } from '../contract/announcer-stage.fixture.js';
import { BirdAnnouncer } from './bird-announcer.js';

/** A node whose BIRD an operator runs, and two routers. */
export class BirdStand implements AnnouncerSubject {
  readonly announcer: BirdAnnouncer;
  readonly frame: AnnouncerFrame;
  readonly daemon = {
    kill: () => this.running.kill(),
    start: () => this.start(),
    hang: async () => this.running.signal('SIGSTOP'),
    wake: async () => this.running.signal('SIGCONT'),
  };
  private readonly running = new Daemon();
  private readonly announcers: BirdAnnouncer[] = [];

  private constructor(readonly world: BgpWorld) {
    this.announcer = this.make();
    const { a, b } = world.routers;
    this.frame = { node: 'lb-1', prefixes: ['192.0.2.0/24', '2001:db8:1::/64'], peers: [a.peer(), b.peer()] };
  }

  static async open(options: Partial<Record<RouterName, RouterOptions>> = {}): Promise<BirdStand> {
    const stand = new BirdStand(await BgpWorld.open(options));
    await writeFile(stand.include, '');
    await writeFile(stand.config, stand.operators());
    await stand.start();
    return stand;
  }

  get include(): string {
    return join(this.world.directory, 'signalbox.conf');
  }

  get config(): string {
    return join(this.world.directory, 'node.conf');
  }

  get log(): string {
    return join(this.world.directory, 'node.log');
  }

  vip(family: 'IPv4' | 'IPv6', number: number): NodeVip {
    return vipAt(family === 'IPv4' ? `192.0.2.${number + 10}` : `2001:db8:1::${(number + 16).toString(16)}`);
  }

  refusedVip(): NodeVip {
    return vipAt('198.51.100.200');
  }

  otherwise(vip: NodeVip): NodeVip {
    return { ...vip, route: { peers: ['tor-a'], med: 50 } };
  }

  refusedWhole() {
    const [peer, ...others] = this.frame.peers;
    return { ...this.frame, peers: [{ ...peer!, holdSeconds: 1 }, ...others], vips: [this.vip('IPv4', 5)] };
  }

  /** Of either router: a VIP of one of them is on the network. */
  seen(): Promise<readonly string[]> {
    const { a, b } = this.world.routers;
    return Promise.resolve([...new Set([...a.routes(), ...b.routes()])].sort(compareAddresses));
  }

  async othersWithdraw(address: string): Promise<void> {
    await this.editInclude((text) => text.replace(new RegExp(`^ *route ${address}/.*\n`, 'm'), ''));
  }

  async othersAnnounce({ address }: NodeVip): Promise<void> {
    await this.editInclude((text) =>
      text.replace(/^( *route )\S+(\/.*)$/m, (line, head, tail) => `${line}\n${head}${address}${tail}`),
    );
  }

  otherChanges(): Promise<void> {
    this.birdc('restart', 'sb_bgp_tor_a');
    return Promise.resolve();
  }

  again(): Promise<BirdAnnouncer> {
    return Promise.resolve(this.make());
  }

  async end(): Promise<void> {
    await Promise.all(this.announcers.map((one) => one.close()));
    this.running.signal('SIGCONT');
    await this.running.kill();
    await this.world.close();
  }

  /** What BIRD says to an operator. */
  birdc(...words: readonly string[]): string {
    const { stdout } = spawnSync(BIRDC ?? '', ['-s', this.socket, ...words], { encoding: 'utf8' });
    return stdout;
  }

  /** Adds lines to the operator's own configuration, and has BIRD read it. */
  async operatorAdds(text: string): Promise<void> {
    await appendFile(this.config, `${text}\n`);
    this.birdc('configure');
  }

  private get socket(): string {
    return join(this.world.directory, 'node.ctl');
  }

  private make(): BirdAnnouncer {
    const announcer = new BirdAnnouncer({ include: this.include, socket: this.socket });
    this.announcers.push(announcer);
    return announcer;
  }

  private async start(): Promise<void> {
    const pid = join(this.world.directory, 'node.pid');
    this.running.start(BIRD ?? '', ['-f', '-c', this.config, '-s', this.socket, '-P', pid]);
    await until('BIRD of the node', () => this.birdc('show', 'status').includes('Daemon is up'));
  }

  private async editInclude(edit: (text: string) => string): Promise<void> {
    await writeFile(this.include, edit(await readFile(this.include, 'utf8')));
    this.birdc('configure');
  }

  private operators(): string {
    return `router id 198.51.100.2;
log "${this.log}" all;
protocol device {}
protocol kernel { ipv4 { export all; }; }
include "${this.include}";
`;
  }
}
