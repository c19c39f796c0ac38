import { constants } from 'node:os';

/** The signals that ask a script to end, from a terminal or from a supervisor. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const LOOK_EVERY_MS = 500;

/** What a shell tells of a program that a signal ended. */
export function statusOf(signal) {
  return 128 + constants.signals[signal];
}

/**
 * Asks this process to end (SIGHUP) when the npm that started it is gone: npm passes SIGINT and SIGTERM on, but dies of
 * SIGHUP and SIGKILL without a word. Does nothing where npm did not start it.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(look);
    process.kill(process.pid, 'SIGHUP');
  }, LOOK_EVERY_MS);
  look.unref();
}

/** Whatever asks for the end while `work` runs goes to `stop`; afterwards signals do what they did before. */
export async function interruptible(work, stop) {
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
