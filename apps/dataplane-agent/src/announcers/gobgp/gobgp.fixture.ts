import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compareAddresses, type NodeVip } from '@signalbox/contracts';
import { optionalProgram, until } from '@signalbox/testing';
import { BgpWorld, Daemon, type RouterName, type RouterOptions, vipAt } from '../bgp/bgp-world.fixture.js';
import type { AnnouncerFrame, AnnouncerSubject } from '../contract/announcer-stage.fixture.js';
import { GobgpAnnouncer } from './gobgp-announcer.js';

const WHAT = 'the announcer gobgp';

/** Absent where they are not installed: the end of the run names what was left out. */
export const GOBGPD = optionalProgram('gobgpd', WHAT);
export const GOBGP = optionalProgram('gobgp', WHAT);

/** Where gobgpd takes orders, in the namespace of the test; its own command speaks to it there. */
const API = '127.0.0.1:50051';

/** A node whose gobgpd an operator runs, and two routers. */
export class GobgpStand implements AnnouncerSubject {
  readonly announcer: GobgpAnnouncer;
  readonly frame: AnnouncerFrame;
  readonly daemon = {
    kill: () => this.running.kill(),
    start: () => this.start(),
    hang: async () => this.running.signal('SIGSTOP'),
    wake: async () => this.running.signal('SIGCONT'),
  };
  private readonly running = new Daemon();
  private readonly announcers: GobgpAnnouncer[] = [];

  private constructor(readonly world: BgpWorld) {
    this.announcer = this.make();
    const { a, b } = world.routers;
    this.frame = { node: 'lb-1', prefixes: ['192.0.2.0/24', '2001:db8:1::/64'], peers: [a.peer(), b.peer()] };
  }

  /** Routers connect as well, for gobgpd takes five seconds to do so. */
  static async open(options: Partial<Record<RouterName, RouterOptions>> = {}): Promise<GobgpStand> {
    const active = { isActive: true };
    const routers = { a: { ...active, ...options.a }, b: { ...active, ...options.b } };
    const stand = new GobgpStand(await BgpWorld.open(routers));
    await stand.start();
    return stand;
  }

  vip(family: 'IPv4' | 'IPv6', number: number): NodeVip {
    return this.at(
      family === 'IPv4' ? `192.0.2.${number + 10}` : `2001:db8:1::${(number + 16).toString(16)}`,
    );
  }

  /** A VIP for this method. */
  at(address: string, route: Partial<NodeVip['route']> = {}): NodeVip {
    return { ...vipAt(address, route), method: 'gobgp' };
  }

  refusedVip(): NodeVip {
    return this.at('198.51.100.200');
  }

  otherwise(vip: NodeVip): NodeVip {
    return { ...vip, route: { peers: ['tor-a'], med: 50 } };
  }

  /** Of either router: a VIP of one of them is on the network. */
  seen(): Promise<readonly string[]> {
    const { a, b } = this.world.routers;
    return Promise.resolve([...new Set([...a.routes(), ...b.routes()])].sort(compareAddresses));
  }

  othersWithdraw(address: string): Promise<void> {
    this.gobgp('global', 'rib', 'del', `${address}/32`);
    return Promise.resolve();
  }

  othersAnnounce({ address }: NodeVip): Promise<void> {
    this.gobgp('global', 'rib', 'add', `${address}/32`);
    return Promise.resolve();
  }

  otherChanges(): Promise<void> {
    this.gobgp('neighbor', this.world.routers.a.peer().address, 'disable');
    return Promise.resolve();
  }

  again(): Promise<GobgpAnnouncer> {
    return Promise.resolve(this.make());
  }

  /** Another announcer, by the Unix socket. */
  bySocket(): GobgpAnnouncer {
    return this.make(`unix:${this.socket}`);
  }

  async end(): Promise<void> {
    await Promise.all(this.announcers.map((one) => one.close()));
    this.running.signal('SIGCONT');
    await this.running.kill();
    await this.world.close();
  }

  /** What gobgpd says to an operator. */
  gobgp(...words: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(GOBGP ?? '', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`gobgp ${words.join(' ')}: ${stderr}${stdout}`);
    return stdout;
  }

  private get socket(): string {
    return join(this.world.directory, 'gobgp.sock');
  }

  private make(address = API): GobgpAnnouncer {
    const announcer = new GobgpAnnouncer(address);
    this.announcers.push(announcer);
    return announcer;
  }

  private async start(): Promise<void> {
    // one that was killed leaves it, and nobody can listen at it then
    await rm(this.socket, { force: true });
    this.running.start(GOBGPD ?? '', [`--api-hosts=${API},unix://${this.socket}`, '--pprof-disable']);
    await until('gobgpd', () => spawnSync(GOBGP ?? '', ['global']).status === 0);
  }
}
