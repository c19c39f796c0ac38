import { maglevChoice } from '../../domain/maglev-choice.js';
import type { AppliedListener } from '../driver.js';
import { reachesNobody, wayWarning } from './dsr-ways.js';
import { forwardingWarning, type MachineFacts } from './forwarding.js';
import type { LinkFacts } from './link-facts.js';
import { type NftListener, servedTargets } from './nft-listener.js';

/** How a listener stands that was applied. `links`: where there are listeners whose targets answer clients themselves. */
export function appliedListener(
  listener: NftListener | undefined,
  name: string,
  machine: MachineFacts,
  links?: LinkFacts,
): AppliedListener {
  if (!listener) throw new Error(`listener ${name} was neither placed nor refused`);
  const { tableDigest, warning: ofTable } = listener.algorithm === 'maglev' ? tableOf(listener) : {};
  const ofWays =
    listener.forwarding === 'dsr'
      ? links && wayWarning(listener, links)
      : forwardingWarning(listener, machine);
  const isCutOff = listener.forwarding === 'dsr' && links !== undefined && reachesNobody(listener, links);
  const warning = [ofTable, ofWays].filter(Boolean).join('; ');
  return {
    name,
    state: 'applied',
    listensAt: listener.listensAt,
    ...(tableDigest !== undefined && { tableDigest }),
    ...(warning !== '' && { warning }),
    ...(isCutOff && { reachesNobody: true as const }),
  };
}

function tableOf(listener: NftListener): { tableDigest?: string; warning?: string } {
  const all = servedTargets(listener).map((target) => ({ ...target, flushes: 0 }));
  return maglevChoice(all, listener.tableSize);
}
