import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiFailure } from './api-failure.js';
import { KUBERNETES_LIMITS } from './kubernetes-limits.js';

/** What a cluster is shown, and what it is known by. */
export interface ClusterCredentials {
  readonly token: string;
  /** Authorities of its certificate, PEM. */
  readonly ca: string;
}

/** What may stand in a header. RFC 6750 section 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const CERTIFICATE = '-----BEGIN CERTIFICATE-----';

/**
 * Reads `token` and `ca.crt` of a directory below that of the sources, as they are mounted into Pods: the kubelet renews both, so
 * they are read for each call. Both have to be there: whoever writes the URL of a source does not decide by that who is shown the
 * token. Throws an {@link ApiFailure} that names the file, never what is in it.
 */
export async function readCredentials(directory: string, path: string): Promise<ClusterCredentials> {
  const [token, ca] = await Promise.all([
    readBounded(directory, `${path}/token`, KUBERNETES_LIMITS.tokenBytes),
    readBounded(directory, `${path}/ca.crt`, KUBERNETES_LIMITS.caBytes),
  ]);
  if (!TOKEN.test(token.trim())) throw new ApiFailure('unreachable', `${path}/token holds no bearer token`);
  if (!ca.includes(CERTIFICATE))
    throw new ApiFailure('unreachable', `${path}/ca.crt holds no certificate in PEM`);
  return { token: token.trim(), ca };
}

async function readBounded(directory: string, path: string, maxBytes: number): Promise<string> {
  try {
    const file = await open(join(directory, path), 'r');
    try {
      const { size } = await file.stat();
      if (size > maxBytes) throw new ApiFailure('unreachable', `${path} has more than ${maxBytes} bytes`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ApiFailure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new ApiFailure('unreachable', `${path} is not in the directory of sources: put it there`);
    throw new ApiFailure('unreachable', `${path} cannot be read: ${code ?? 'unknown error'}`, {
      cause: error,
    });
  }
}
