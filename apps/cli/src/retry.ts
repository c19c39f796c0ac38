import { toFailure, type Failure } from './failure.js';
import { HeldRequest } from './held-request.js';
import type { Terminal } from './terminal.js';

/** Repeats of a request that may be repeated: at most 5, about 6 seconds in all. */
export const RETRIES = { times: 5, firstMs: 200, factor: 2 } as const;

/**
 * Does something again while the site cannot be reached or answers 5xx. Only for requests that say the same thing
 * every time. `onRetry` hears of every repeat before its pause.
 */
export async function withRetries<Result>(
  attempt: () => Promise<Result>,
  terminal: Pick<Terminal, 'sleep' | 'random'>,
  onRetry: (failure: Failure, repeat: number) => void,
): Promise<Result> {
  for (let repeat = 1; ; repeat += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof HeldRequest) throw error;
      const failure = toFailure(error);
      if (!failure.retryable || repeat > RETRIES.times) throw failure;
      onRetry(failure, repeat);
      await terminal.sleep(pauseMs(repeat, terminal.random()));
    }
  }
}

/** Doubling pauses, each shortened by up to half so that callers who failed together come back apart. */
export function pauseMs(repeat: number, random: number): number {
  return RETRIES.firstMs * RETRIES.factor ** (repeat - 1) * (1 - random / 2);
}
