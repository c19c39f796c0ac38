import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { CodedError, type PluginSpec, secretBytes } from '@signalbox/contracts';
import type { Redaction } from '../../domain/redaction.js';
import { PROCESS_LIMITS } from '../limits.js';
import { type GivenSecret, readSecrets } from '../secrets/plugin-secrets.js';

/** Where the requests of a plugin go. */
export interface Endpoint {
  readonly url: URL;
  /** PEM of the authorities that its certificate may be of; absent: those that the machine trusts. */
  readonly authorities?: string;
  /** What is shown as `Authorization: Bearer …`. */
  readonly bearer?: string;
  /** Keeps what is shown out of what is told. */
  readonly redaction: Redaction;
}

/** What a header can hold, and no blank: RFC 9110 section 5.5. */
const BEARER = /^[!-~]{1,8192}$/;

/**
 * The endpoint of a plugin of mode http, with its authorities and its secret as they are now: they are read at each run, so that a changed file
 * counts at once. Throws `plugin-start-failed` and as {@link readSecrets}, with the pointer of the field. `secretDirs`: directories that the
 * file of the secret may lie in.
 */
export async function openEndpoint(
  { http, secrets: list }: PluginSpec,
  secretDirs: readonly string[],
): Promise<Endpoint> {
  if (http === undefined || !URL.canParse(http.url))
    throw failed('/spec/http/url', 'spec.http.url is no URL: write where the endpoint is');
  const { url, caFile, bearerSecret } = http;
  const authorities = caFile === undefined ? undefined : await readAuthorities(caFile);
  const { given, redaction } = await readSecrets(list, secretDirs);
  const secret = given.find(({ name }) => name === bearerSecret);
  return {
    url: new URL(url),
    ...(authorities !== undefined && { authorities }),
    ...(secret && { bearer: bearerOf(secret) }),
    redaction,
  };
}

function bearerOf({ name, bytes }: GivenSecret): string {
  const bearer = secretBytes(bytes).toString('latin1');
  if (BEARER.test(bearer)) return bearer;
  const message = 'is no token: it must be at most 8192 printable ASCII characters without blanks';
  throw new CodedError('secret-refused', `secret ${name}: the file ${message}`, [
    { pointer: '/spec/http/bearerSecret', message },
  ]);
}

async function readAuthorities(path: string): Promise<string> {
  const text = await readSmall(path);
  try {
    createSecureContext({ ca: text });
  } catch (cause) {
    throw notUsable(path, 'holds no certificates: write them as PEM', cause);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw notUsable(path, 'holds no certificates: write them as PEM');
  return text;
}

async function readSmall(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw notUsable(path, 'is not a regular file');
      if (stats.size > PROCESS_LIMITS.authorityFileBytes)
        throw notUsable(path, `is larger than ${PROCESS_LIMITS.authorityFileBytes} bytes`);
      return (await file.readFile()).toString('latin1');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw notUsable(path, `cannot be read (${code}): put it there, or correct spec.http.caFile`, cause);
  }
}

function notUsable(path: string, why: string, cause?: unknown): CodedError {
  return failed('/spec/http/caFile', `the authorities ${path}: the file ${why}`, cause);
}

function failed(pointer: string, message: string, cause?: unknown): CodedError {
  return new CodedError('plugin-start-failed', message, [{ pointer, message }], { cause });
}
