import { connect } from 'node:net';
import type { Place } from '../place.js';

/** Clients that wait to be told; who comes beyond hears of it with its next packet. */
const MOST_WAITING = 5_000;

/** Clients that are told at a time. */
const AT_A_TIME = 500;

/** How long one is waited for that does not answer. Milliseconds. With the two bounds above all are told within 5 seconds. */
const MOST_WAIT_MS = 500;

/**
 * Tells clients that their connections were cut: one that waits for data would not notice. A connect to the very port of the
 * client, which rules make come from where its connection goes to, is no part of that connection; so the client answers
 * with where it stands (RFC 5961, section 4), which is no answer to a connect; and to that our own kernel says, as to any such
 * (RFC 9293, section 3.5.2), a reset with the number that the client expects. None of it is sure, so nobody waits for it: a
 * firewall between may keep it away.
 */
export class CutTeller {
  private waiting: Place[] = [];
  private inWork = 0;

  /** Tells all of them, some time soon. */
  tell(clients: readonly Place[]): void {
    this.waiting.push(...clients.slice(0, MOST_WAITING - this.waiting.length));
    this.tellNext();
  }

  /** Who waits is not told any more. */
  stop(): void {
    this.waiting = [];
  }

  private tellNext(): void {
    while (this.inWork < AT_A_TIME) {
      const next = this.waiting.pop();
      if (!next) return;
      this.connectTo(next);
    }
  }

  /** Whatever comes of it, it is over. */
  private connectTo({ address, port }: Place): void {
    this.inWork += 1;
    const socket = connect({ host: address, port, timeout: MOST_WAIT_MS });
    const over = () => socket.destroy();
    socket
      .on('error', () => undefined)
      .on('connect', over)
      .on('timeout', over);
    socket.on('close', () => {
      this.inWork -= 1;
      this.tellNext();
    });
  }
}
