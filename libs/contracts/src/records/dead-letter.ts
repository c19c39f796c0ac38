import type { ErrorBody } from '../errors.js';

/**
 * One message of `dead.<service>.<code>`: a message that cannot be processed, with its error.
 * `data` is the original payload as text (UTF-8, or base64 when `encoding` says so), cut to 256 KiB.
 */
export interface DeadLetter {
  readonly service: string;
  readonly error: ErrorBody;
  readonly at: string;
  readonly subject: string;
  readonly stream?: string;
  readonly seq?: number;
  readonly deliveries?: number;
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
  readonly truncated: boolean;
  /** Names for people: run id, fact id, peer. */
  readonly about?: Readonly<Record<string, string>>;
}
