import { isIP } from 'node:net';
import { failureText } from './failure-text.js';
import type { ProbeTarget } from './probe.js';

/** The address to send from; undefined = the kernel chooses. A source of another family than the target is ignored. */
export function sourceOf({ address, source }: Pick<ProbeTarget, 'address' | 'source'>): string | undefined {
  return source !== undefined && isIP(source) === isIP(address) ? source : undefined;
}

/** Why a socket could not be opened; when the source is to blame, that is said. */
export function openFailure(error: Error, source: string | undefined): string {
  const text = failureText(error);
  return (error as NodeJS.ErrnoException).syscall === 'bind' && source !== undefined
    ? `cannot send from ${source}: ${text}`
    : text;
}
