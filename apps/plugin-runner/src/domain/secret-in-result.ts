import { CodedError } from '@signalbox/contracts';
import type { Proposals } from './needed-capabilities.js';
import type { Redaction } from './redaction.js';
import { RESULT_LIMITS } from './result-limits.js';
import { shorten } from './short-text.js';

/** Throws `secret-in-result` with the places when a plugin proposes one of its secrets: what is accepted everybody may read. */
export function throwIfSecret(proposals: Proposals, redaction: Redaction): void {
  const places: string[] = [];
  for (const pointer of redaction.placesIn(proposals, '/status')) {
    if (places.length === RESULT_LIMITS.errors) break;
    places.push(shorten(pointer));
  }
  const [first] = places;
  if (first === undefined) return;
  const errors = places.map((pointer) => ({ pointer, message: 'holds a secret of the plugin' }));
  throw new CodedError(
    'secret-in-result',
    `the plugin result holds a secret of the plugin at ${first}: propose where a secret is kept, never the secret`,
    errors,
  );
}
