import { tellNotRun } from '@signalbox/testing';

/** Whether nothing keeps a test from running here. What does is said aloud: a skipped test is not to be overlooked. */
export function canRun(what: string, obstacle: string | undefined): boolean {
  if (obstacle !== undefined) tellNotRun(what, obstacle);
  return obstacle === undefined;
}
