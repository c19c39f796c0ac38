import type { ChildProcess } from 'node:child_process';
import { Writable } from 'node:stream';
import { secretVariable } from '@signalbox/contracts';
import type { GivenSecret } from './plugin-secrets.js';

/** The variables that tell a process the descriptors of its secrets, the first of which is `firstFd`. */
export function secretEnvironment(
  secrets: readonly GivenSecret[],
  firstFd: number,
): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.map(({ name }, at) => [secretVariable(name), String(firstFd + at)]));
}

/**
 * Fills the descriptors from `firstFd` on of a process that was just started, `pipe` each, with its secrets and closes our end. What
 * Node calls a pipe is a pair of sockets: the kernel takes 64 KiB at once, so the bytes are there before the program is. A program that
 * does not read them holds nothing up. ADR 0036 says why it is no file.
 */
export function giveSecrets(child: ChildProcess, secrets: readonly GivenSecret[], firstFd: number): void {
  secrets.forEach(({ bytes }, at) => {
    const stream = child.stdio[firstFd + at];
    if (!(stream instanceof Writable)) return;
    const close = (): void => void stream.destroy();
    stream.on('error', close);
    child.once('exit', close);
    stream.end(bytes, close);
  });
}
