import { toFailure } from '../failure.js';
import { SseParser, type StreamEvent } from './sse-parser.js';

/** Pauses between attempts to connect again: doubling, without an end to the attempts. */
export const RECONNECT = { firstMs: 250, factor: 2, mostMs: 5000 } as const;

/** What following a stream needs of the world. */
export interface Follow {
  /** Connects; asks for what came after this event, when there was one. */
  open(lastEventId: string): Promise<AsyncIterable<string>>;
  sleep(ms: number): Promise<void>;
  /** Ends the stream, quietly. */
  readonly signal: AbortSignal;
  /** Once when the connection is lost, with the reason, and once when it is there again. */
  onChange(change: { readonly lost: string } | 'back'): void;
}

/**
 * The events of a stream over any number of connections. Throws the failure of the first attempt to connect, and any
 * error answer; a connection that is lost later is made again.
 */
export async function* follow({ open, sleep, signal, onChange }: Follow): AsyncGenerator<StreamEvent> {
  let lastEventId = '';
  let connected: boolean | undefined;
  let pauseMs: number = RECONNECT.firstMs;
  while (!signal.aborted) {
    let lost = 'the site has ended the stream';
    try {
      const pieces = await open(lastEventId);
      if (connected === false) onChange('back');
      connected = true;
      const parser = new SseParser();
      for await (const piece of pieces) {
        pauseMs = RECONNECT.firstMs;
        for (const event of parser.push(piece)) {
          lastEventId = event.lastEventId || lastEventId;
          yield event;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = toFailure(error);
      if (connected === undefined || failure.code !== 'unreachable') throw failure;
      lost = failure.message;
    }
    if (signal.aborted) return;
    if (connected) onChange({ lost });
    connected = false;
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * RECONNECT.factor, RECONNECT.mostMs);
  }
}
