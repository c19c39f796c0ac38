import { type ErrorBody, errorBody, type NodeState } from '@signalbox/contracts';
import type {
  AppliedListener,
  ApplyResult,
  DataplaneDriver,
  Deadline,
  FlushRequest,
  ListenerCounters,
  ObservedListener,
} from '../driver.js';
import type { PortMemory } from '../port-memory.js';
import { standingFlows } from './conntrack-entry.js';
import { ConnectionTracking } from './connection-tracking.js';
import { CutTeller } from './cut-teller.js';
import { dsrAddresses, dsrListeners, stateOf } from './dsr-ways.js';
import { machineFacts } from './forwarding.js';
import type { LinkFacts } from './link-facts.js';
import { appliedListener } from './nft-applied.js';
import { counterNames, nftCounters } from './nft-counters.js';
import { flushFlows } from './nft-flush.js';
import { NftLedger } from './nft-ledger.js';
import type { NftListener } from './nft-listener.js';
import { familySuffix, tableName } from './nft-names.js';
import { NodeLinks } from './node-links.js';
import { OutsideWatch } from './outside-watch.js';
import { placeNftListeners, withoutDsr } from './nft-placement.js';
import { NftTable } from './nft-table.js';
import { NftTime } from './nft-time.js';
import { NFTABLES_CAPABILITIES } from './nftables-capabilities.js';
import type { StandingTable } from './table-listing.js';
import { deltaPlan, type TablePlan, type TableState, wholePlan } from './table-plan.js';
import { type TableSettings, tableVersion } from './table-rules.js';

/** After it a look at neighbours is given up. Milliseconds. */
const LOOK = { deadlineMs: 10_000 } as const;

/** Whose rules these are, and the programs that tell the kernel. */
export interface NftablesSettings extends TableSettings {
  /** Name of the node, which names the table. */
  readonly node: string;
  /** Absent: `nft` where the system has its programs. 1.0.6 or newer. */
  readonly nft?: string;
  /** Absent: `conntrack` where the system has its programs. */
  readonly conntrack?: string;
  /** Absent: `ip` where the system has its programs. */
  readonly ip?: string;
  /** Devices by which clients come whose targets answer them directly; absent: all Ethernet devices may be. */
  readonly clientDevices?: readonly string[];
}

/**
 * The kernel as a data plane: the first packet of a flow gets a target by rules of nftables, connection tracking translates
 * all others; where targets answer clients themselves, each packet gets its target anew. What serves traffic is in the kernel
 * alone, so it goes on without the agent.
 */
export class NftablesDriver implements DataplaneDriver {
  readonly capabilities = NFTABLES_CAPABILITIES;
  private readonly table: NftTable;
  private readonly tracking: ConnectionTracking;
  private readonly version: string;
  private readonly teller = new CutTeller();
  private readonly ledger = new NftLedger();
  private readonly links: NodeLinks;
  private readonly watch = new OutsideWatch(() => this.differsOutside());
  /**
   * What stands, when this process has looked and found all rules as they were made, or made them itself. Absent: nobody knows.
   * To read it back each time would take longer than to change it; whoever else changes it is found by `observe`.
   */
  private known: StandingTable | undefined;

  constructor(
    private readonly settings: NftablesSettings,
    private readonly ports: PortMemory,
  ) {
    const { node, nft = 'nft', conntrack = 'conntrack', ip = 'ip', clientDevices } = settings;
    this.table = new NftTable(tableName(node), nft, settings);
    this.tracking = new ConnectionTracking(conntrack);
    this.links = new NodeLinks(ip, clientDevices);
    this.version = tableVersion(settings);
  }

  async apply(desired: NodeState, deadline: Deadline): Promise<ApplyResult> {
    const time = new NftTime(deadline);
    try {
      return await this.bring(desired, time);
    } catch (error) {
      return this.bringAgain(desired, time, error);
    }
  }

  async observe(deadline: Deadline): Promise<readonly ObservedListener[]> {
    const time = new NftTime(deadline);
    this.known = undefined;
    const standing = await this.table.standing(time);
    if (!standing) return [];
    const sound = await this.table.sound(standing, time);
    // who cannot be asked for ways is told so by the apply; what stands is told nevertheless
    const wanted = await this.wantedOf(standing, time).catch((): TableState => standing);
    const isAsNow = JSON.stringify(wanted.devices) === JSON.stringify(standing.devices);
    const isLost = (one: NftListener, at: number) =>
      one.forwarding === 'dsr' && !(isAsNow && isEqual(one, wanted.listeners[at]));
    if (this.isWhole(standing, sound)) this.known = standing;
    return standing.listeners
      .filter((one, at) => sound?.has(one.name) && !isLost(one, at))
      .map(({ name, address, protocol, port, algorithm, listensAt, targets }) => ({
        ...{ name, address, protocol, port, algorithm, listensAt },
        targets,
      }));
  }

  async counters(deadline: Deadline): Promise<readonly ListenerCounters[]> {
    const time = new NftTime(deadline);
    const standing = this.known ?? (await this.table.standing(time));
    if (!standing) return [];
    await this.takeCounters(standing, time);
    // an apply may have come between
    const { listeners } = this.known ?? standing;
    this.ledger.keepOnly(counterNames(listeners));
    const families = new Set(listeners.map(({ listensAt }) => familySuffix(listensAt.address)));
    const flows = [];
    for (const family of families) {
      flows.push(...(await this.tracking.list(['-f', `ipv${family}`, '--dst-nat'], time)));
    }
    const counts = standingFlows(flows);
    return listeners.map((listener) => nftCounters(listener, this.ledger, counts));
  }

  async flush({ listener, target }: FlushRequest, deadline: Deadline): Promise<number> {
    const time = new NftTime(deadline);
    const standing = this.known ?? (await this.table.standing(time));
    const found = standing?.listeners.find(({ name }) => name === listener);
    if (!found) return 0;
    // who keeps no connection has none to cut: those of a target went with its slots
    if (found.forwarding === 'dsr') return 0;
    const cut = await flushFlows(this.table, this.tracking, found, target, time);
    if (found.protocol === 'tcp') this.teller.tell(cut.map(({ client }) => client));
    return cut.length;
  }

  onOutsideChange(changed: () => void): void {
    this.watch.onChange(changed);
  }

  /** Whether devices, or the ways to targets that answer clients themselves, are others than the rules say. */
  isOutsideChanged(): Promise<boolean> {
    // why nobody can say so is told by the apply that follows
    return this.differsOutside().catch(() => true);
  }

  /** Rules come before whoever listens, so they have to go; connections need that what all share stays. */
  async retire(deadline: Deadline): Promise<void> {
    await this.apply({ node: this.settings.node, generation: 0, listeners: [] }, deadline);
  }

  /** Rules, flows and what is remembered of clients stay in the kernel. */
  close(): Promise<void> {
    this.teller.stop();
    this.watch.stop();
    return Promise.resolve();
  }

  /** Once more: what this process knew may be what was wrong. Then without what another machine might have. */
  private async bringAgain(desired: NodeState, time: NftTime, error: unknown): Promise<ApplyResult> {
    let why = error;
    if (this.known) {
      this.known = undefined;
      try {
        return await this.bring(desired, time);
      } catch (again) {
        why = again;
      }
    }
    const asksMuch = desired.listeners.some(({ forwarding }) => forwarding === 'dsr');
    if (!asksMuch || time.signal.aborted) throw why;
    try {
      return await this.bring(desired, time, errorBody(why));
    } catch {
      // it is not that, and the error of all together tells more
      throw why;
    }
  }

  /** `noDsr`: why no targets can answer clients themselves. */
  private async bring(desired: NodeState, time: NftTime, noDsr?: ErrorBody): Promise<ApplyResult> {
    const standing = this.known ?? (await this.table.standing(time));
    const before = standing?.listeners ?? [];
    const all = await placeNftListeners(desired.listeners, before, this.ports);
    const { listeners: placed, refused } = noDsr ? withoutDsr(all, before, noDsr) : all;
    const links = noDsr ? undefined : await this.linksOf(placed, time);
    const wanted = stateOf(placed, links, links ? this.links.clientDevices(links) : standing?.devices);
    const { listeners } = wanted;
    const plan = await this.plan(standing, wanted, time);
    if (plan.script !== '') {
      if (plan.losesCounters && standing) await this.takeCounters(standing, time);
      await this.table.change(plan.script, time);
      this.known = { version: this.version, ...wanted };
    }
    if (links) this.watch.start();
    else this.watch.stop();
    const served = new Map(listeners.map((listener) => [listener.name, listener]));
    const machine = machineFacts();
    return {
      listeners: desired.listeners.map(({ name }): AppliedListener => {
        const error = refused.get(name);
        return error
          ? { name, state: 'refused', error }
          : appliedListener(served.get(name), name, machine, links);
      }),
      writes: plan.writes,
    };
  }

  private async plan(
    standing: StandingTable | undefined,
    wanted: TableState,
    time: NftTime,
  ): Promise<TablePlan> {
    const { name } = this.table;
    // nothing to serve and nothing there: the kernel is left alone
    if (!standing && wanted.listeners.length === 0) return { script: '', writes: 0, losesCounters: false };
    if (!standing) return wholePlan(name, this.settings, wanted);
    if (standing !== this.known) {
      if (!this.isWhole(standing, await this.table.sound(standing, time))) {
        return wholePlan(name, this.settings, wanted, standing);
      }
      this.known = standing;
    }
    return deltaPlan(name, standing, wanted);
  }

  /** Whether a table is of this version, and all that it says stands. */
  private isWhole({ version, listeners }: StandingTable, sound: ReadonlySet<string> | undefined): boolean {
    return version === this.version && sound?.size === listeners.length;
  }

  private async differsOutside(): Promise<boolean> {
    const { known } = this;
    if (!known || dsrListeners(known.listeners).length === 0) return false;
    const { script } = deltaPlan(this.table.name, known, await this.wantedOf(known, new NftTime(LOOK)));
    return script !== '' && known === this.known;
  }

  /** What listeners would be now, with devices and ways as they are. */
  private async wantedOf({ listeners }: TableState, time: NftTime): Promise<TableState> {
    const links = await this.linksOf(listeners, time);
    return stateOf(listeners, links, links && this.links.clientDevices(links));
  }

  /** Undefined: nobody needs them. */
  private async linksOf(listeners: readonly NftListener[], time: NftTime): Promise<LinkFacts | undefined> {
    if (dsrListeners(listeners).length === 0) return undefined;
    return this.links.ask(dsrAddresses(listeners), time);
  }

  private async takeCounters({ devices }: StandingTable, time: NftTime): Promise<void> {
    for (const family of devices ? ['inet', 'netdev'] : ['inet']) {
      const json = await this.table.ask(['-j', 'reset', 'counters', 'table', family, this.table.name], time);
      if (json !== undefined) this.ledger.take(json);
    }
  }
}

function isEqual(a: NftListener, b: NftListener | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
