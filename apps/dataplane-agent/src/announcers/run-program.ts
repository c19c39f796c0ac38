import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { CodedError } from '@signalbox/contracts';
import type { OrderTime } from '../order-time.js';
import { unavailable } from './announcer-error.js';

/** Where the system has its programs. */
const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Programs write the same words and numbers wherever they run. */
export const PROGRAM_ENV = { PATH: DIRECTORIES.join(':'), LC_ALL: 'C' };

/** Longest answer: 10,000 addresses are half of it. Bytes. */
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;

/** Longest report of an error that is repeated. Characters. */
const MOST_REPORT_CHARACTERS = 300;

/** What a program said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Path of a program where the system has its programs; undefined: it is not installed. */
export function programPath(name: string): string | undefined {
  if (name.startsWith('/')) return isExecutable(name) ? name : undefined;
  return DIRECTORIES.map((directory) => join(directory, name)).find(isExecutable);
}

/** What a program is given besides its arguments. */
export interface ProgramOptions {
  /** What it reads. */
  readonly input?: string;
  /** What to do when it cannot be run; ends the message of the error. */
  readonly advice?: string;
}

/**
 * Runs a program to its end. Rejects with `announcer-unavailable` when it cannot be run, says too much, or takes longer than there is time; it
 * is killed then.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  time: OrderTime,
  { input = '', advice }: ProgramOptions = {},
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const { signal } = time;
    const child = spawn(program, args, { signal, killSignal: 'SIGKILL', env: PROGRAM_ENV });
    let [out, err] = ['', ''];
    const hear = (text: string): void => {
      if (text.length <= MOST_ANSWER_BYTES) return;
      child.kill('SIGKILL');
      reject(unavailable(`${program} answers without end`));
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => hear((out += text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => hear((err += text)));
    child.on('error', (error) => {
      if (signal.aborted) reject(time.over(`${program} to end`));
      else reject(unavailable(`${program} cannot be run${advice === undefined ? '' : `; ${advice}`}`, error));
    });
    child.on('close', (code) => {
      if (code === null) reject(unavailable(`${program} was killed`));
      else resolve({ code, out, err });
    });
    // one that ends early does not read all
    child.stdin.on('error', () => undefined).end(input);
  });
}

/** The error of a program that said no. */
export function refusal(program: string, { err }: Said): CodedError {
  const report = err.trim().slice(0, MOST_REPORT_CHARACTERS);
  if (/Operation not permitted|Permission denied/.test(err))
    return unavailable(`${program} may not change the kernel; give the agent CAP_NET_ADMIN: ${report}`);
  return unavailable(`${program} failed: ${report}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
