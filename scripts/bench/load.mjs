// The load generator, the same for a site and for a limit: steady, as much as fits, or a bounded backlog.
import { pause } from './pause.mjs';

const TICK_MS = 1;

/**
 * Sends at a steady rate, whatever becomes of it.
 *
 * @param {(n: number) => void} send starts one; n counts from 0
 * @param {(sent: number) => boolean} [goesOn] asked now and then; false ends it early
 * @returns {Promise<{ sent: number, lasted: number }>} lasted: in seconds
 */
export async function offerSteadily(rate, seconds, send, goesOn = () => true) {
  const began = performance.now();
  let sent = 0;
  for (;;) {
    const elapsed = (performance.now() - began) / 1000;
    const due = Math.floor(Math.min(elapsed, seconds) * rate);
    for (; sent < due; sent += 1) send(sent);
    if (elapsed >= seconds || !goesOn(sent)) return { sent, lasted: elapsed };
    await pause(TICK_MS);
  }
}

/** Calls with `window` in flight for so long; returns how many were done per second. */
export async function throughput(window, seconds, call) {
  let done = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: window }, async (_, lane) => {
      while (performance.now() < end) {
        await call(lane);
        done += 1;
      }
    }),
  );
  return (done * 1000) / (performance.now() - began);
}

/**
 * Saturates a chain without an endless backlog: keeps so many facts on the way, whatever the rate is that results.
 *
 * @param {{ backlog: number, seconds: number, settle: number, send: (n: number) => void, done: () => Promise<number>,
 *   onSettled?: () => void }} options settle: seconds before the rate counts. done: how many have come out so far
 * @returns {Promise<{ rate: number, counted: number, sent: number }>}
 */
export async function saturate({ backlog, seconds, settle, send, done, onSettled = () => undefined }) {
  const began = performance.now();
  let sent = 0;
  let start;
  for (;;) {
    const out = await done();
    const now = performance.now();
    if (!start && now - began >= settle * 1000) {
      start = { out, now };
      onSettled();
    }
    if (start && now - start.now >= seconds * 1000) {
      const counted = out - start.out;
      return { rate: (counted * 1000) / (now - start.now), counted, sent };
    }
    for (; sent - out < backlog; sent += 1) send(sent);
    await pause(20);
  }
}
