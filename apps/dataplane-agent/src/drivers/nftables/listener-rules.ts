import { type NftListener, type NftTarget, weightedTargets } from './nft-listener.js';
import {
  clientSet,
  flowTimeout,
  listenerChain,
  listenerId,
  refusedCounter,
  slotMap,
  targetChain,
} from './nft-names.js';
import { kernelPlace } from './nft-place.js';
import { type TargetSlots, targetSlots } from './target-slots.js';

/** Longest that a flow of datagrams is kept when it shall be for ever: 30 days. Seconds. */
const FOR_EVER_SECONDS = 30 * 86_400;

/** The rules of one listener. */
export interface ListenerRules {
  readonly id: string;
  readonly slots: TargetSlots | undefined;
  /** Lines of each chain, by its name: first the listener's, then one for each target. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Name and seconds of the object that flows are given. */
  readonly timeout?: { readonly name: string; readonly seconds: number };
}

/** The rules of a listener that `nftablesLack` let pass; the same for the same listener. */
export function listenerRules(listener: NftListener): ListenerRules {
  const id = listenerId(listener);
  const slots = targetSlots(listener);
  const timeout = timeoutOf(listener);
  const isDsr = listener.forwarding === 'dsr';
  // what comes to connection tracking nevertheless is refused: its targets are chosen before it, see `dsrRules`
  const choosing = choosingRules(listener, id, isDsr ? undefined : slots, timeout?.name);
  const chains = new Map([[listenerChain(id), choosing]]);
  for (const target of isDsr ? [] : listener.targets) {
    chains.set(targetChain(id, target), sendingRules(listener, id, target));
  }
  return { id, slots, chains, ...(timeout && { timeout }) };
}

/** A client that belongs to a target goes there; any other gets a number; whoever is left finds no target. */
function choosingRules(
  listener: NftListener,
  id: string,
  slots: TargetSlots | undefined,
  timeout: string | undefined,
): readonly string[] {
  const { protocol, affinityMs } = listener;
  if (!slots) {
    const how = protocol === 'tcp' ? 'tcp reset' : 'icmpx port-unreachable';
    return [`meta l4proto ${protocol} counter name "${refusedCounter(id)}" reject with ${how}`];
  }
  return [
    ...(timeout === undefined ? [] : [`ct timeout set "${timeout}"`]),
    ...(affinityMs === undefined ? [] : belongingRules(listener, id)),
    `${slots.number} vmap @${slotMap(id)}`,
  ];
}

/**
 * Who belongs to a target without weight gets another, and belongs to that one from then on. So a client is never in the sets
 * of two targets.
 */
function belongingRules(listener: NftListener, id: string): string[] {
  const source = `${ipWord(listener.listensAt.address)} saddr`;
  const lost = listener.targets.filter(({ weight }) => weight === 0);
  return [
    ...weightedTargets(listener).map(
      (target) => `${source} @${clientSet(id, target)} goto ${targetChain(id, target)}`,
    ),
    ...lost.map((target) => `delete @${clientSet(id, target)} { ${source} }`),
  ];
}

/** A use of a client starts its time anew. */
function sendingRules(
  { protocol, affinityMs, listensAt }: NftListener,
  id: string,
  target: NftTarget,
): readonly string[] {
  const family = ipWord(listensAt.address);
  const remember = `update @${clientSet(id, target)} { ${family} saddr timeout ${affinityMs}ms }`;
  return [
    ...(affinityMs === undefined ? [] : [remember]),
    `meta l4proto ${protocol} dnat ${family} to ${kernelPlace(target)}`,
  ];
}

/** How long flows of the listener are kept; undefined: as long as the system says. */
export function timeoutOf({ protocol, flowMs, listensAt }: NftListener): ListenerRules['timeout'] {
  if (protocol !== 'udp' || flowMs === undefined) return undefined;
  const seconds = flowMs === 0 ? FOR_EVER_SECONDS : Math.ceil(flowMs / 1000);
  return { name: flowTimeout(seconds, listensAt.address), seconds };
}

function ipWord(address: string): 'ip' | 'ip6' {
  return address.includes(':') ? 'ip6' : 'ip';
}
