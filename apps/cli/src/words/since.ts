import { parseDuration } from '@signalbox/contracts';
import type { Page } from '../rest/answers.js';
import { checkDuration } from './duration-flag.js';

/**
 * The items of a page that is sorted newest first which are not older than `--since` says. When older ones are among
 * them, nothing follows. Throws usage when the flag is no duration.
 */
export function sincePage<Of extends Page<unknown>>(
  page: Of,
  since: string | undefined,
  timeOf: (item: Of['items'][number]) => string | undefined,
  nowMs: number,
  help: string,
): Of {
  if (since === undefined) return page;
  checkDuration('--since', since, help);
  const oldestMs = nowMs - parseDuration(since);
  const items = page.items.filter((item) => Date.parse(timeOf(item) ?? '') >= oldestMs);
  return items.length === page.items.length ? page : { ...page, items, next: null };
}
