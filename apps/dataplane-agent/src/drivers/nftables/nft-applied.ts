import { maglevChoice } from '../../domain/maglev-choice.js';
import type { AppliedListener } from '../driver.js';
import type { NftListener } from './nft-listener.js';

/** How a listener stands that was applied. */
export function appliedListener(listener: NftListener | undefined, name: string): AppliedListener {
  if (!listener) throw new Error(`listener ${name} was neither placed nor refused`);
  const { listensAt, algorithm } = listener;
  return { name, state: 'applied', listensAt, ...(algorithm === 'maglev' && digestOf(listener)) };
}

function digestOf({ targets, tableSize }: NftListener): { tableDigest?: string; warning?: string } {
  const all = targets.map((target) => ({ ...target, flushes: 0 }));
  const { tableDigest, warning } = maglevChoice(all, tableSize);
  return { ...(tableDigest !== undefined && { tableDigest }), ...(warning !== undefined && { warning }) };
}
