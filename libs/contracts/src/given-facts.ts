import { CodedError } from './errors.js';
import type { Fact } from './fact.js';
import { normalizeFact } from './normalize-fact.js';
import { formatTime } from './timestamp.js';

/**
 * Facts as people give them, in normal form, in their order: observed now and numbered where they say nothing else, `defaults` for the
 * group and the source node. Throws as `normalizeFact`, with pointers that begin with `/events/<index>`.
 */
export function givenFacts(
  events: readonly unknown[],
  defaults: { readonly group: string; readonly sourceNode: string },
  nowMs: number,
): Fact[] {
  const observedAt = formatTime(nowMs);
  return events.map((event, index) => {
    try {
      return normalizeFact(event, { ...defaults, id: `evt-${index + 1}`, observedAt }, nowMs, 'refused');
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const errors = error.errors.map(({ pointer, message }) => ({
        pointer: `/events/${index}${pointer}`,
        message,
      }));
      throw new CodedError(error.code, `/events/${index}: ${error.message}`, errors, { cause: error });
    }
  });
}
