import { isDuration } from '@signalbox/contracts';
import { usageFailure } from '../failure.js';

/** Refuses a flag that is no Go duration, before anything is sent. */
export function checkDuration(flag: string, text: string, help: string): void {
  if (isDuration(text)) return;
  throw usageFailure(`${flag}: "${text}" is not a duration: write for example 30m or 1h`, help);
}
