import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { follow } from './follow.js';

/** Shortest time between two prints, however much changes. Milliseconds. */
export const REDRAW_MS = 1000;

/** Back to the upper left corner of an empty screen. */
const CLEAR = '\u001B[H\u001B[2J';

/** Prints something, and again whenever the site says that a thing of these kinds has changed, until Ctrl-C. */
export async function redraw(
  session: Session,
  kinds: readonly string[],
  draw: () => Promise<void>,
): Promise<void> {
  const { client, terminal } = session;
  const signal = terminal.interrupted();
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  let isStale = true;
  let wake = (): void => undefined;
  const events = follow({
    signal: both,
    open: (lastEventId) =>
      client.stream(
        pathOf('stream'),
        {
          query: { kind: kinds.join(',') },
          ...(lastEventId !== '' && { headers: { 'last-event-id': lastEventId } }),
        },
        { type: 'text/event-stream', signal: both },
      ),
    sleep: (ms) => terminal.sleep(ms, both),
    onChange: (change) =>
      session.note(change === 'back' ? 'connected again' : `${change.lost}; connecting again until Ctrl-C`),
  });
  const heard = (async () => {
    for await (const { data } of events) {
      if (isPresent(data)) continue;
      isStale = true;
      wake();
    }
  })();
  heard
    .catch(() => undefined)
    .finally(() => ended.abort())
    .catch(() => undefined);
  const aborted = new Promise<void>((resolve) => both.addEventListener('abort', () => resolve()));
  while (!both.aborted) {
    if (!isStale) await Promise.race([new Promise<void>((resolve) => (wake = resolve)), aborted]);
    if (both.aborted) break;
    isStale = false;
    if (terminal.out.isTty) session.print(CLEAR);
    await draw();
    await terminal.sleep(REDRAW_MS, both);
  }
  await heard;
}

/** What a stream begins with tells of no change. */
function isPresent(data: string): boolean {
  try {
    return (Object(JSON.parse(data)) as { synthetic?: unknown }).synthetic === true;
  } catch {
    return false;
  }
}
