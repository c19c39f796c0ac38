import type { Place } from '../place.js';
import type { ConnectionTracking } from './connection-tracking.js';
import { flowFilter, flowKey, type TrackedFlow } from './conntrack-entry.js';
import { forgetClients } from './nft-clients.js';
import { kernelAddress, type NftListener } from './nft-listener.js';
import { cutSet } from './nft-names.js';
import { placeData } from './nft-place.js';
import type { NftTable } from './nft-table.js';
import type { NftTime } from './nft-time.js';

/** Rounds of cutting: a connection that is made while others are cut is cut in the next one. */
const MOST_ROUNDS = 3;

/**
 * Cuts the flows between a listener and a target, and says how many stood. A connection is marked as cut before it is forgotten:
 * the kernel would take its next packet for a connection that it has not seen, and could send it to the same target again.
 */
export async function flushFlows(
  table: NftTable,
  tracking: ConnectionTracking,
  listener: NftListener,
  target: Place,
  time: NftTime,
): Promise<number> {
  await forgetClients(table, listener, [target], time);
  const filter = flowFilter(listener, target);
  let cut = 0;
  let known = await tracking.list(filter, time);
  for (let round = 0; round < MOST_ROUNDS && known.length > 0; round += 1) {
    await markCut(table, listener, known, time);
    const marked = new Set(known.map(clientKey));
    const gone = await tracking.forget(filter, time);
    cut += gone.filter(({ isOver }) => !isOver).length;
    known = gone.filter((flow) => !marked.has(clientKey(flow)));
    if (known.length > 0) await markCut(table, listener, known, time);
  }
  return cut;
}

/** The next packet of each, from whichever side, is answered by a reset. Datagrams have no need of it. */
async function markCut(
  table: NftTable,
  { protocol, listensAt }: NftListener,
  flows: readonly TrackedFlow[],
  time: NftTime,
): Promise<void> {
  if (protocol !== 'tcp' || flows.length === 0) return;
  const set = `inet ${table.name} ${cutSet(listensAt.address)}`;
  const elements = flows.map(
    ({ client }) => `${kernelAddress(client.address)} . ${client.port} . ${placeData(listensAt)}`,
  );
  // one that is there already starts its time anew only when it is taken out first
  const all = elements.join(', ');
  await table.change(
    [
      `add element ${set} { ${all} }`,
      `delete element ${set} { ${all} }`,
      `add element ${set} { ${all} }`,
    ].join('\n'),
    time,
  );
}

function clientKey({ protocol, client, place }: TrackedFlow): string {
  return flowKey(protocol, client, place);
}
