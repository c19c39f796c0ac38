import { type Place, targetKey } from '../place.js';
import type { ConnectionTracking } from './connection-tracking.js';
import { flowFilter, flowKey, type TrackedFlow } from './conntrack-entry.js';
import { kernelAddress, type NftListener } from './nft-listener.js';
import { clientSet, cutSet, listenerId, toldMap } from './nft-names.js';
import { placeData } from './nft-place.js';
import type { NftTable } from './nft-table.js';
import type { NftTime } from './nft-time.js';

/** Rounds of cutting: a connection that is made while others are cut is cut in the next one. */
const MOST_ROUNDS = 3;

/**
 * Cuts the flows between a listener and a target, and says which stood. A connection is marked as cut before it is forgotten:
 * the kernel would take its next packet for a connection that it has not seen, and could send it to the same target again.
 */
export async function flushFlows(
  table: NftTable,
  tracking: ConnectionTracking,
  listener: NftListener,
  target: Place,
  time: NftTime,
): Promise<readonly TrackedFlow[]> {
  await forgetClients(table, listener, target, time);
  const filter = flowFilter(listener, target);
  const cut: TrackedFlow[] = [];
  let known = await tracking.list(filter, time);
  for (let round = 0; round < MOST_ROUNDS && known.length > 0; round += 1) {
    await markCut(table, listener, known, time);
    const marked = new Set(known.map(clientKey));
    const gone = await tracking.forget(filter, time);
    cut.push(...gone.filter(({ isOver }) => !isOver));
    known = gone.filter((flow) => !marked.has(clientKey(flow)));
    await markCut(table, listener, known, time);
  }
  return cut;
}

/** Nobody belongs to the target any more. */
async function forgetClients(
  table: NftTable,
  listener: NftListener,
  target: Place,
  time: NftTime,
): Promise<void> {
  const isThere = listener.targets.some((one) => targetKey(one) === targetKey(target));
  if (listener.affinityMs === undefined || !isThere) return;
  await table.change(`flush set inet ${table.name} ${clientSet(listenerId(listener), target)}\n`, time);
}

/** From now on the next packet of each is answered by a reset. Datagrams have no need of it: their next one begins a flow. */
async function markCut(
  table: NftTable,
  { protocol, listensAt }: NftListener,
  flows: readonly TrackedFlow[],
  time: NftTime,
): Promise<void> {
  if (protocol !== 'tcp' || flows.length === 0) return;
  const clients = flows.map(({ client }) => `${kernelAddress(client.address)} . ${client.port}`);
  const place = placeData(listensAt);
  const script = [
    ...markAnew(`inet ${table.name} ${cutSet(listensAt.address)}`, clients, ` . ${place}`),
    ...markAnew(`inet ${table.name} ${toldMap(listensAt.address)}`, clients, ` : ${place}`),
  ];
  await table.change(script.join('\n'), time);
}

/** One that is there already starts its time anew only when it is taken out first. */
function markAnew(where: string, clients: readonly string[], rest: string): string[] {
  const elements = clients.map((client) => client + rest).join(', ');
  return ['add', 'delete', 'add'].map((verb) => `${verb} element ${where} { ${elements} }`);
}

function clientKey({ protocol, client, place }: TrackedFlow): string {
  return flowKey(protocol, client, place);
}
