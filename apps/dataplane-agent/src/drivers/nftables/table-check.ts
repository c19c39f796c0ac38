import { listenerRules } from './listener-rules.js';
import type { NftListener } from './nft-listener.js';
import { listenerChain, placeMap } from './nft-names.js';
import { kernelAddress } from './nft-listener.js';
import { type ChainLines, ruleLines } from './table-listing.js';
import { sharedChains, type TableSettings } from './table-rules.js';

/** Whether what all listeners share is as it was made: chains, their hooks, and as many rules as there were. */
export function sharesStand(chains: ChainLines, settings: TableSettings): boolean {
  return sharedChains(settings).every(({ name, hook, rules }) => {
    const lines = chains.get(name);
    if (!lines || ruleLines(lines).length !== rules.length) return false;
    return hook === undefined || lines.some((line) => line.startsWith(hook.split(' priority')[0]!));
  });
}

/**
 * Whether a listener is as it was made: its place leads to it, its chains have as many rules as they had, and these go where
 * they went. The words are those that `nft` tells as it was told, in whatever version.
 */
export function listenerStands(listener: NftListener, chains: ChainLines, places: string): boolean {
  const { id, chains: wanted } = listenerRules(listener);
  if (!leadsTo(places, listener, listenerChain(id))) return false;
  return [...wanted].every(([name, rules]) => {
    const found = chains.get(name);
    if (!found) return false;
    const lines = ruleLines(found);
    return lines.length === rules.length && rules.every((rule, at) => goal(lines[at]!) === goal(rule));
  });
}

/** What a rule comes to: where it sends a flow, or in which map it looks. */
function goal(rule: string): string {
  return /(?:dnat \S+ to .*|vmap @\S+|update @\S+|reject|ct timeout set \S+)/.exec(rule)?.[0] ?? rule;
}

/** `places`: what the maps of places hold, as `nft` lists them. */
function leadsTo(places: string, { protocol, listensAt }: NftListener, chain: string): boolean {
  const { address, port } = listensAt;
  const map = places.split(`map ${placeMap(address)} {`)[1]?.split('}')[0] ?? '';
  return map.includes(`${protocol} . ${kernelAddress(address)} . ${port} : goto ${chain}`);
}
