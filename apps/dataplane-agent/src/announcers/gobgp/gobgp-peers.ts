import type { BgpPeer } from '../bgp/bgp-peers.js';
import { ADMIN } from './gobgp-calls.js';
import type { GobgpClient } from './gobgp-client.js';
import { peerMessage } from './gobgp-peer.js';
import { ourPeers } from './gobgp-state.js';
import type { OrderTime } from '../../order-time.js';

/** Makes the peers as wanted, and enables those that somebody disabled by hand; returns how many changes that were. */
export async function bringPeers(
  client: GobgpClient,
  peers: readonly BgpPeer[],
  time: OrderTime,
): Promise<number> {
  const wanted = new Map(peers.map((peer) => [peer.address, peerMessage(peer)]));
  const standing = new Set<string>();
  let writes = 0;
  for (const { conf, state } of await ourPeers(client, time)) {
    const address = conf?.neighborAddress ?? '';
    const isWanted = wanted.get(address)?.conf.description === conf?.description;
    if (isWanted) standing.add(address);
    if (isWanted && state?.adminState !== ADMIN.down) continue;
    await client.call(isWanted ? 'EnablePeer' : 'DeletePeer', { address }, time);
    writes += 1;
  }
  for (const [address, peer] of wanted)
    if (!standing.has(address)) {
      await client.call('AddPeer', { peer }, time);
      writes += 1;
    }
  return writes;
}
