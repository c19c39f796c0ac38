import { maglevChoice } from '../../domain/maglev-choice.js';
import type { AppliedListener } from '../driver.js';
import { forwardingWarning, type MachineFacts } from './forwarding.js';
import type { NftListener } from './nft-listener.js';

/** How a listener stands that was applied. */
export function appliedListener(
  listener: NftListener | undefined,
  name: string,
  machine: MachineFacts,
): AppliedListener {
  if (!listener) throw new Error(`listener ${name} was neither placed nor refused`);
  const { tableDigest, warning: ofTable } = listener.algorithm === 'maglev' ? tableOf(listener) : {};
  const warning = [ofTable, forwardingWarning(listener, machine)].filter(Boolean).join('; ');
  return {
    name,
    state: 'applied',
    listensAt: listener.listensAt,
    ...(tableDigest !== undefined && { tableDigest }),
    ...(warning !== '' && { warning }),
  };
}

function tableOf({ targets, tableSize }: NftListener): { tableDigest?: string; warning?: string } {
  const all = targets.map((target) => ({ ...target, flushes: 0 }));
  return maglevChoice(all, tableSize);
}
