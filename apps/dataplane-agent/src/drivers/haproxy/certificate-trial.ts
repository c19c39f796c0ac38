import type { CertificateTrial } from './certificate-copies.js';
import type { ConfigFile } from './config-file.js';
import { quoted } from './quoted.js';
import { isRefusal } from './untaken-listeners.js';

/**
 * Lets HAProxy load certificates, without any listener: what it does not take, such as a key that its library finds too short,
 * would keep it from starting with all other listeners.
 */
export function certificateTrial(file: ConfigFile): CertificateTrial {
  return async (paths, expiry) => {
    try {
      await file.check(trialText(paths), expiry);
      return undefined;
    } catch (error) {
      if (isRefusal(error)) return error.message;
      throw error;
    }
  };
}

/** Nobody listens there: the file is only checked. */
function trialText(paths: readonly string[]): string {
  const binds = paths.map((path) => `  bind 127.0.0.1:1 ssl crt ${quoted(path)}\n`);
  return `global\n  maxconn 10\nfrontend trial\n  mode http\n  timeout client 1s\n${binds.join('')}`;
}
