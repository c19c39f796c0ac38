import { deviceChain, dsrRules, INGRESS_CHAIN, ingressRules } from './dsr-rules.js';
import { listenerRules } from './listener-rules.js';
import { kernelAddress, type NftListener } from './nft-listener.js';
import { listenerChain } from './nft-names.js';
import { type ChainLines, ruleLines, type StandingTable } from './table-listing.js';
import { sharedChains, type TableSettings } from './table-rules.js';

/**
 * Whether what all listeners share is as it was made: chains, their hooks, and as many rules as there were. Without `looksAtRules`
 * only the first two.
 */
export function sharesStand(chains: ChainLines, settings: TableSettings, looksAtRules = true): boolean {
  return sharedChains(settings).every(({ name, hook, rules }) => {
    const lines = chains.get(name);
    if (!lines || (looksAtRules && ruleLines(lines).length !== rules.length)) return false;
    return hook === undefined || lines.some((line) => line.startsWith(hook.split(' priority')[0]!));
  });
}

/**
 * Whether the chains of `netdev` that listeners share are as they were made: that which finds listeners, and those of devices, by
 * as many rules as there were. There are none without a listener of this kind.
 */
export function ingressStands(
  chains: ChainLines,
  { listeners, devices }: StandingTable,
  looksAtRules = true,
): boolean {
  const isNeeded = listeners.some(({ forwarding }) => forwarding === 'dsr');
  if (devices === undefined) return !isNeeded;
  const ruleCounts: readonly (readonly [chain: string, rules: number])[] = [
    [INGRESS_CHAIN, ingressRules().length],
    ...devices.map((device) => [deviceChain(device), 1] as const),
  ];
  return (
    isNeeded &&
    ruleCounts.every(([name, count]) => {
      const lines = chains.get(name);
      return lines !== undefined && (!looksAtRules || ruleLines(lines).length === count);
    })
  );
}

/** The chains of a node by their families, and where its maps of places lead in each. */
export interface StandingRules {
  readonly inet: { readonly chains: ChainLines; readonly places: ReadonlySet<string> };
  /** Of a table that is not there nothing. */
  readonly netdev: StandingRules['inet'];
}

/**
 * Whether a listener is as it was made: its place leads to it, its chains have as many rules as they had, and these go where
 * they went. Without `looksAtRules` they only have to be there. The words are those that `nft` tells as it was told, in whatever version.
 */
export function listenerStands(
  listener: NftListener,
  { inet, netdev }: StandingRules,
  looksAtRules = true,
): boolean {
  const { id, chains, slots } = listenerRules(listener);
  const way = wayTo(listener, listenerChain(id));
  if (!inet.places.has(way) || !chainsStand(chains, inet.chains, looksAtRules)) return false;
  if (listener.forwarding !== 'dsr') return true;
  return (
    netdev.places.has(way) === (slots !== undefined) &&
    chainsStand(dsrRules(listener, slots), netdev.chains, looksAtRules)
  );
}

function chainsStand(
  wanted: ReadonlyMap<string, readonly string[]>,
  chains: ChainLines,
  looksAtRules: boolean,
): boolean {
  return [...wanted].every(([name, rules]) => {
    const found = chains.get(name);
    if (!found || !looksAtRules) return found !== undefined;
    const lines = ruleLines(found);
    return lines.length === rules.length && rules.every((rule, at) => goal(lines[at]!) === goal(rule));
  });
}

/** What a rule comes to: where it sends a flow, or in which map it looks. */
function goal(rule: string): string {
  return (
    /(?:dnat \S+ to .*|fwd \S+ to .*|counter name \S+$|vmap @\S+|goto \S+|(?:update|delete) @\S+|reject|ct timeout set \S+)/.exec(
      rule,
    )?.[0] ?? rule
  );
}

/** Where the maps of places lead, as `nft` lists them. */
export function placesOf(listing: string): ReadonlySet<string> {
  return new Set(Array.from(listing.matchAll(/(?:tcp|udp) \. \S+ \. \d+ : goto \w+/g), ([way]) => way));
}

function wayTo({ protocol, listensAt }: NftListener, chain: string): string {
  return `${protocol} . ${kernelAddress(listensAt.address)} . ${listensAt.port} : goto ${chain}`;
}
