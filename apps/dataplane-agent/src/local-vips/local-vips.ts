import { canonicalAddress, errorBody } from '@signalbox/contracts';
import type { Log } from '@signalbox/runtime';
import type { KeptFile } from '../kept-file.js';
import type { LinkAddress, LinkAddresses } from './link-addresses.js';

/**
 * VIPs as addresses of the node, for methods by which routers send clients: the data plane listens there. What we added is
 * remembered before it is, so that an address of an operator is never taken away.
 */
export class LocalVips {
  /** Why a VIP is no address of the node, by address. */
  problems: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly addresses: LinkAddresses,
    private readonly kept: KeptFile,
    private readonly log: Log,
  ) {}

  /** Adds what is missing. Never rejects: what could not be added is a problem of that VIP. */
  async add(wanted: readonly LinkAddress[]): Promise<void> {
    const problems = new Map<string, string>();
    for (const [name, all] of byInterface(wanted)) {
      try {
        const said = await this.addTo(name, all);
        if (said.missing.length > 0) this.note(problems, said.missing, said.text);
      } catch (error) {
        this.note(problems, all, errorBody(error).message);
      }
    }
    this.problems = problems;
  }

  /** Takes away those of ours that are not wanted any more. One that cannot be is tried again the next time. */
  async removeOthers(wanted: readonly LinkAddress[]): Promise<void> {
    const ours = this.kept.memory.localVips ?? [];
    const stay = new Set(wanted.map(keyOf));
    const left = ours.filter((one) => !stay.has(keyOf(one)));
    for (const [name, all] of byInterface(left)) {
      try {
        const there = await this.addresses.list(name);
        await this.addresses.remove(all.filter(({ address }) => there.has(canonicalAddress(address))));
        const after = await this.addresses.list(name);
        const gone = new Set(all.filter(({ address }) => !after.has(canonicalAddress(address))).map(keyOf));
        this.remember((this.kept.memory.localVips ?? []).filter((one) => !gone.has(keyOf(one))));
      } catch (err) {
        this.log.warn({ err, interface: name }, 'addresses of VIPs that left are still there');
      }
    }
  }

  private async addTo(
    name: string,
    all: readonly LinkAddress[],
  ): Promise<{ readonly missing: readonly LinkAddress[]; readonly text: string }> {
    const there = await this.addresses.list(name);
    const missing = all.filter(({ address }) => !there.has(canonicalAddress(address)));
    if (missing.length === 0) return { missing, text: '' };
    const ours = this.kept.memory.localVips ?? [];
    const known = new Set(ours.map(keyOf));
    this.remember([...ours, ...missing.filter((one) => !known.has(keyOf(one)))]);
    await this.kept.settle();
    const text = await this.addresses.add(missing);
    const after = await this.addresses.list(name);
    const failed = missing.filter(({ address }) => !after.has(canonicalAddress(address)));
    if (failed.length > 0) {
      const gone = new Set(failed.map(keyOf));
      this.remember((this.kept.memory.localVips ?? []).filter((one) => !gone.has(keyOf(one))));
    }
    return { missing: failed, text };
  }

  private remember(ours: readonly LinkAddress[]): void {
    this.kept.memory.localVips = ours;
    this.kept.keep();
  }

  private note(problems: Map<string, string>, vips: readonly LinkAddress[], text: string): void {
    for (const { address, interface: name } of vips) {
      const why = `it cannot be an address of ${name}: ${text || 'the system does not take it'}`;
      if (this.problems.get(address) !== why)
        this.log.error({ vip: address, why: text }, 'a VIP is no address of the node');
      problems.set(address, why);
    }
  }
}

function byInterface(all: readonly LinkAddress[]): ReadonlyMap<string, readonly LinkAddress[]> {
  const grouped = new Map<string, LinkAddress[]>();
  for (const one of all) {
    const group = grouped.get(one.interface);
    if (group) group.push(one);
    else grouped.set(one.interface, [one]);
  }
  return grouped;
}

function keyOf({ interface: name, address }: LinkAddress): string {
  return `${name} ${address}`;
}
