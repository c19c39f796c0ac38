import { execFile } from 'node:child_process';
import { unavailable, type VrrpTime } from './vrrp-time.js';

/** Longest answer: `ip -j address` of a node with a thousand addresses is a quarter of it. Bytes. */
const MOST_ANSWER_BYTES = 1024 * 1024;

/** Programs are found where systems have them, and write the same words wherever they run. */
export const PROGRAM_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
} as const;

/** What a program said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end. Rejects with `announcer-unavailable` when it cannot be run or takes longer than there is time; `advice`: what to do then. */
export async function runProgram(
  program: string,
  args: readonly string[],
  time: VrrpTime,
  advice: string,
): Promise<Said> {
  const options = {
    signal: time.signal,
    killSignal: 'SIGKILL',
    env: PROGRAM_ENV,
    maxBuffer: MOST_ANSWER_BYTES,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, out, err) => {
      if (!error) resolve({ code: 0, out, err });
      else if (time.signal.aborted) reject(time.over(`${program} to end`));
      // a number: it ran, and this is its exit code
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(unavailable(`${program} cannot be run; ${advice}`, error));
    });
  });
}
