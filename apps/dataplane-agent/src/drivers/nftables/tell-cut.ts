import { connect } from 'node:net';
import type { Place } from '../place.js';
import type { NftTime } from './nft-time.js';

/** Clients that are told of one order to cut; the others hear of it with their next packet. */
const MOST_TOLD = 5_000;

/** Clients that are told at a time. */
const AT_A_TIME = 500;

/** How long one is waited for that does not answer. Milliseconds. */
const MOST_WAIT_MS = 500;

/**
 * Tells clients that their connections were cut: one that waits for data would not notice. A connect to the very port of the
 * client, which rules make come from where its connection goes to, is no part of that connection; so the client answers
 * with where it stands (RFC 5961, section 4), which is no answer to a connect; and to that our own kernel says, as to any such
 * (RFC 9293, section 3.5.2), a reset with the number that the client expects. None of it is sure: a firewall between may keep it away.
 */
export async function tellCut(clients: readonly Place[], time: NftTime): Promise<void> {
  const waiting = clients.slice(0, MOST_TOLD);
  const tellNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next && !time.signal.aborted; next = waiting.pop()) await tell(next);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, tellNext));
}

/** Whatever comes of it, it is over. */
function tell({ address, port }: Place): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: MOST_WAIT_MS });
    const over = () => socket.destroy();
    socket
      .on('error', () => undefined)
      .on('connect', over)
      .on('timeout', over);
    socket.on('close', () => resolve());
  });
}
