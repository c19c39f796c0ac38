import { type LinkFacts, wayTo } from './link-facts.js';
import type { NftListener } from './nft-listener.js';
import type { TableState } from './table-plan.js';

/** The listeners whose targets answer clients themselves. */
export function dsrListeners(listeners: readonly NftListener[]): readonly NftListener[] {
  return listeners.filter(({ forwarding }) => forwarding === 'dsr');
}

/** Addresses of their targets, each once. */
export function dsrAddresses(listeners: readonly NftListener[]): readonly string[] {
  return [
    ...new Set(dsrListeners(listeners).flatMap(({ targets }) => targets.map(({ address }) => address))),
  ];
}

/** The listener with the device of each target, as the kernel says now. */
export function onItsWays(listener: NftListener, facts: LinkFacts): NftListener {
  if (listener.forwarding !== 'dsr') return listener;
  return {
    ...listener,
    targets: listener.targets.map(({ address, port, weight }) => {
      const way = wayTo(address, facts);
      return { address, port, weight, ...('device' in way && { device: way.device }) };
    }),
  };
}

/**
 * What tables shall hold for listeners. `devices`: by which clients come. Without `links` listeners stay on the ways that they had; `devices` are
 * then those that stand.
 */
export function stateOf(
  listeners: readonly NftListener[],
  links: LinkFacts | undefined,
  devices: readonly string[] = [],
): TableState {
  if (dsrListeners(listeners).length === 0) return { listeners };
  return { listeners: links ? listeners.map((one) => onItsWays(one, links)) : listeners, devices };
}

/** Whether it has targets with a weight, and a way to none of them. */
export function reachesNobody({ targets }: NftListener, facts: LinkFacts): boolean {
  const weighted = targets.filter(({ weight }) => weight > 0);
  return weighted.length > 0 && weighted.every(({ address }) => 'lack' in wayTo(address, facts));
}

/** Targets that are told one by one; most. */
const MOST_TOLD = 3;

/** Which targets get nothing though they have a weight, and why. Undefined: none. */
export function wayWarning(listener: NftListener, facts: LinkFacts): string | undefined {
  const lost = listener.targets.flatMap(({ address, weight }) => {
    const way = wayTo(address, facts);
    return weight > 0 && 'lack' in way ? [`target ${address} gets no traffic: ${way.lack}`] : [];
  });
  const [told, more] = [lost.slice(0, MOST_TOLD), lost.length - MOST_TOLD];
  if (more > 0) told.push(`and ${more} more`);
  return told.length > 0 ? told.join('; ') : undefined;
}
