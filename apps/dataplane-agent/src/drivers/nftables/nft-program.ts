import { spawn } from 'node:child_process';
import { CodedError } from '@signalbox/contracts';
import { type NftTime, unavailable } from './nft-time.js';

/** Longest answer: a listing of connection tracking with 262,144 entries is half of it. Bytes. */
const MOST_ANSWER_BYTES = 128 * 1024 * 1024;

/** Longest report of an error that is repeated. Characters. */
const MOST_REPORT_CHARACTERS = 500;

/** What a program said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a program to its end. Rejects with `data-plane-unavailable` when it cannot be run, says too much, or takes longer
 * than there is time; it is killed then.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  time: NftTime,
  input = '',
): Promise<Said> {
  if (time.signal.aborted) throw time.over(program);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { signal: time.signal, killSignal: 'SIGKILL', env: PLAIN });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let size = 0;
    const hear = (parts: Buffer[]) => (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size <= MOST_ANSWER_BYTES) return;
      child.kill('SIGKILL');
      reject(unavailable(`${program} answers without end`));
    };
    child.stdout.on('data', hear(out));
    child.stderr.on('data', hear(err));
    child.on('error', (error) => {
      reject(time.signal.aborted ? time.over(`${program} to end`) : unavailable(cannotRun(program), error));
    });
    child.on('close', (code) => {
      if (code === null) reject(unavailable(`${program} was killed`));
      else resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    });
    // one that ends early does not read all
    child.stdin.on('error', () => undefined).end(input);
  });
}

/** The error of an `nft` or `conntrack` that said no. */
export function refusal(program: string, { err }: Said): CodedError {
  const report = err.trim().slice(0, MOST_REPORT_CHARACTERS);
  if (/Operation not permitted|Permission denied/.test(err)) {
    return unavailable(`${program} may not change the kernel; give the agent CAP_NET_ADMIN: ${report}`);
  }
  // what the kernel has not, or what the program does not know, no repetition brings
  if (/syntax error|not supported|Protocol not available/.test(err)) {
    return new CodedError('data-plane-refused', `${program} does not take the rules: ${report}`);
  }
  return unavailable(`${program} failed: ${report}`);
}

/** Programs write the same words and numbers wherever they run. */
const PLAIN = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

function cannotRun(program: string): string {
  return `${program} cannot be run; install the packages nftables and conntrack, for ip iproute2, or name the programs`;
}
