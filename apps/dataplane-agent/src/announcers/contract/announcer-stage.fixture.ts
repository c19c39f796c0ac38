import type { AnnounceMethod, NodeVip } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import type { AnnounceResult, StandingVip, VipAnnouncer, WantedAnnouncements } from '../announcer.js';

/** For hangs only. Milliseconds. */
export const PATIENT = { deadlineMs: 30_000 } as const;

/** What is asked of an announcer beside its VIPs. */
export type AnnouncerFrame = Omit<WantedAnnouncements, 'vips'>;

/**
 * An announcer with a network of its own, both made for one test. Each method brings one: its daemon or kernel, whoever is told of
 * VIPs there, and somebody else who changes what stands.
 */
export interface AnnouncerSubject {
  readonly announcer: VipAnnouncer;
  /** Node, prefixes and peers for every `apply`; the prefixes hold all of `vip`. */
  readonly frame: AnnouncerFrame;
  /** The VIP of a number from 0 on, always the same for the same, in the order of numbers. */
  vip(family: 'IPv4' | 'IPv6', number: number): NodeVip;
  /** A VIP that the announcer refuses on its own, as one in no prefix. */
  refusedVip(): NodeVip;
  /** The same VIP to be announced otherwise: another metric, other peers. Absent: there is nothing to be otherwise. */
  otherwise?(vip: NodeVip): NodeVip;
  /** A whole that the daemon refuses. Absent: the method has none. */
  refusedWhole?(): WantedAnnouncements;
  /** Addresses of VIPs that the network has from this node: at its router, or that answer at the wire, in the order of addresses. */
  seen(): Promise<readonly string[]>;
  /** Somebody else takes a VIP away: by hand in the daemon, or from the interface. */
  othersWithdraw(address: string): Promise<void>;
  /** Somebody else leaves a VIP under our name, as a process of ours before. Absent: nobody can. */
  othersAnnounce?(vip: NodeVip): Promise<void>;
  /** Something of which `onChange` has to tell: a session ends, a leader changes, the daemon starts anew. A VIP may be announced. */
  otherChanges(): Promise<void>;
  /** Another announcer over what stands, as after a restart of the agent; the one before was closed. */
  again(): Promise<VipAnnouncer>;
  /** Of a method whose daemon can be away. */
  readonly daemon?: AnnouncerDaemon;
  /** Ends all that was begun for it, announcers too. */
  end(): Promise<void>;
}

/** The program that an announcer speaks to. */
export interface AnnouncerDaemon {
  /** Kills it; resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts it as its system does after that. */
  start(): Promise<void>;
  /** Makes it deaf without ending it, undone by `wake`. */
  hang?(): Promise<void>;
  wake?(): Promise<void>;
}

/** What the suite has to know of an announcer before it is made. */
export interface AnnouncerTraits {
  readonly method: AnnounceMethod;
  /** It speaks to routers: `frame.peers` has at least one, and sessions come up. */
  readonly hasPeers: boolean;
  /** `otherwise` is there. */
  readonly hasAttributes: boolean;
  /** `refusedWhole` is there. */
  readonly refusesWholes: boolean;
  /** `daemon` is there; `hangs` also that it can be made deaf. */
  readonly daemon?: 'dies' | 'hangs';
  /** It, or its daemon, puts back by itself what somebody else took away: nobody may see it missing. */
  readonly healsItself?: boolean;
  /** `othersAnnounce` is there. */
  readonly hasLeftovers: boolean;
}

/** One test: an announcer, and the network that it tells. */
export class AnnouncerStage {
  announcer: VipAnnouncer;

  private constructor(readonly subject: AnnouncerSubject) {
    this.announcer = subject.announcer;
  }

  static async open(make: () => Promise<AnnouncerSubject>): Promise<AnnouncerStage> {
    return new AnnouncerStage(await make());
  }

  async close(): Promise<void> {
    await this.subject.end();
  }

  /** The first VIPs of both families: two of IPv4, then one of IPv6. */
  vips(): readonly [NodeVip, NodeVip, NodeVip] {
    const { subject } = this;
    return [subject.vip('IPv4', 0), subject.vip('IPv4', 1), subject.vip('IPv6', 0)];
  }

  wanted(...vips: readonly NodeVip[]): WantedAnnouncements {
    return { ...this.subject.frame, vips };
  }

  apply(...vips: readonly NodeVip[]): Promise<AnnounceResult> {
    return this.announcer.apply(this.wanted(...vips), PATIENT);
  }

  /** Applies and waits until the network has exactly these, and the announcer reads back so. */
  async announce(...vips: readonly NodeVip[]): Promise<AnnounceResult> {
    const result = await this.apply(...vips);
    await this.untilSeen(...vips);
    await this.untilRead(...vips);
    return result;
  }

  /** Waits until the network has exactly these from the node. */
  async untilSeen(...vips: readonly NodeVip[]): Promise<void> {
    const wanted = addressesOf(vips).join(' ');
    await until(`the network to have "${wanted}"`, async () => {
      const seen = (await this.subject.seen()).join(' ');
      if (seen !== wanted) throw new Error(`the network has "${seen}"`);
      return true;
    });
  }

  /** Waits until the announcer says that exactly these are announced, told to all of their peers. */
  async untilRead(...vips: readonly NodeVip[]): Promise<void> {
    const wanted = vips.map(({ address, route }) => {
      const to = route && [...route.peers].sort();
      return [address, 'announced', ...(to ?? [])].join(' ');
    });
    await until(`the announcer to read back ${wanted.join(', ')}`, async () => {
      const found = (await this.announcer.observe(PATIENT)).map(standingText);
      if (found.join() !== wanted.join()) throw new Error(`it reads back ${found.join(', ')}`);
      return true;
    });
  }

  /** Closes the announcer, and takes another one over what stands after `meanwhile`. */
  async restart(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.announcer.close();
    await meanwhile();
    this.announcer = await this.subject.again();
  }
}

/** The stage of the running test. */
export type Stage = () => AnnouncerStage;

export function addressesOf(vips: readonly Pick<NodeVip, 'address'>[]): string[] {
  return vips.map(({ address }) => address);
}

function standingText({ address, state, to = [] }: StandingVip): string {
  return [address, state, ...to].join(' ');
}
