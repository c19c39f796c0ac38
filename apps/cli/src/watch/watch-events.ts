import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { follow } from './follow.js';
import { isWanted, queryOf, type Watch } from './watch-words.js';

/** Prints each wanted event on a line of its own until there are enough of them or Ctrl-C is pressed. */
export async function watchEvents(session: Session, watch: Watch, live: boolean): Promise<void> {
  const { client, terminal } = session;
  const signal = terminal.interrupted();
  const events = follow({
    signal,
    open: (lastEventId) =>
      client.stream(
        pathOf('stream'),
        {
          query: queryOf(watch),
          ...(lastEventId !== '' && { headers: { 'last-event-id': lastEventId } }),
        },
        { type: 'text/event-stream', signal },
      ),
    sleep: (ms) => terminal.sleep(ms, signal),
    onChange: (change) =>
      session.note(change === 'back' ? 'connected again' : `${change.lost}; connecting again until Ctrl-C`),
  });
  let printed = 0;
  for await (const { data } of events) {
    const event = recordIn(data);
    if (!isWanted(watch, event) || (live && event['synthetic'] === true)) continue;
    session.print(`${JSON.stringify(event)}\n`);
    printed += 1;
    if (printed === watch.num) return;
  }
}

/** Parsed, so that what is printed is one compact line however it was sent. */
function recordIn(data: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(data)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new Failure('unexpected-answer', 'the stream holds an event that is not JSON', EXIT.unreachable, {
      next: 'check the url: signalbox context show',
      cause,
    });
  }
}
