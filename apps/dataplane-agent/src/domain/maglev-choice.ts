import { type NodeTarget } from '@signalbox/contracts';
import { type Choice, type Client } from './choice.js';
import { digestOfTable, type MaglevTarget, maglevTargets, slotOf } from './maglev-contract.js';
import { maglevTable } from './maglev-table.js';
import { hostName, placeName } from './place-name.js';
import { sourceHashTableSize, tableSizeFor, tableSizeWarning } from './table-size.js';

/**
 * By address and port of the client: its connections spread, and each has the same target on whatever node it arrives.
 * `size`: slots, a prime; absent: as many as the targets ask for. Throws a RangeError for another.
 */
export function maglevChoice(targets: readonly NodeTarget[], size = tableSizeFor(targets.length)): Choice {
  const weighted = maglevTargets(targets);
  const table = maglevTable(weighted, size);
  const warning = tableSizeWarning(size, targets.length);
  return {
    choose: lookUp(weighted, table, ({ address, port }) => placeName(address, port)),
    tableDigest: digestOfTable(weighted, table),
    ...(warning === undefined ? {} : { warning }),
  };
}

/** By address of the client alone: all its connections have one target, which changes only when that target leaves. */
export function sourceHashChoice(targets: readonly NodeTarget[]): Choice {
  const weighted = maglevTargets(targets);
  const table = maglevTable(weighted, sourceHashTableSize(targets.length));
  return { choose: lookUp(weighted, table, ({ address }) => hostName(address)) };
}

/** The target of the client's slot; of the slots behind it, the first whose target was not tried. */
function lookUp(
  targets: readonly MaglevTarget[],
  table: Int32Array,
  nameOf: (client: Client) => string,
): Choice['choose'] {
  return (client, _connections, except) => {
    if (targets.every(({ index }) => except?.has(index))) return undefined;
    const first = slotOf(nameOf(client), table.length);
    for (let step = 0; step < table.length; step += 1) {
      const target = targets[table[(first + step) % table.length]!]?.index;
      if (target !== undefined && !except?.has(target)) return target;
    }
    return undefined;
  };
}
