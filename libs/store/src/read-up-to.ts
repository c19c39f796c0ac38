import { type Bus, Follower, type StreamMessage } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';

/** How long nothing may come of a stream that has more. Milliseconds. */
const SILENCE_MS = 30_000;

/** Which messages of a stream are wanted: both ends included. */
export interface StreamRange {
  readonly stream: string;
  readonly filter?: string;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/**
 * Hands the messages of a range over in order, in batches, one at a time. Throws what `onBatch` throws, the reason of
 * an aborted signal, and `nats-unavailable` when nothing comes for 30 s.
 */
export async function readUpTo(
  bus: Bus,
  { stream, filter, fromSeq, toSeq }: StreamRange,
  onBatch: (batch: readonly StreamMessage[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (fromSeq > toSeq) return;
  const end = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    end.abort();
  };
  const silent = (): NodeJS.Timeout =>
    setTimeout(() => fail(new CodedError('nats-unavailable', `${stream} could not be read`)), SILENCE_MS);
  let silence = silent();
  const follower = new Follower(bus, {
    name: `${stream} from ${fromSeq} to ${toSeq}`,
    stream,
    fromSeq,
    ...(filter !== undefined && { filter }),
    onBatch: async (batch) => {
      if (end.signal.aborted || signal.aborted) return;
      clearTimeout(silence);
      try {
        const wanted = batch.filter(({ seq }) => seq <= toSeq);
        if (wanted.length > 0) await onBatch(wanted);
        if (batch.some(({ seq }) => seq >= toSeq)) end.abort();
        else silence = silent();
      } catch (error) {
        fail(error);
      }
    },
  });
  await Promise.race([follower.caughtUp, aborted(AbortSignal.any([signal, end.signal]))]);
  await follower.stop();
  clearTimeout(silence);
  signal.throwIfAborted();
  if (failure) throw failure.error;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
