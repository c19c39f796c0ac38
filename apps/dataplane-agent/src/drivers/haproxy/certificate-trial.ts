import { CodedError } from '@signalbox/contracts';
import type { CertificateTrial } from './certificate-shelf.js';
import type { ConfigFile } from './config-file.js';
import { quoted } from './quoted.js';

/**
 * Lets HAProxy load a certificate, alone: what it does not take, such as a key that its library finds too short, would keep it from
 * starting with all other listeners.
 */
export function certificateTrial(file: ConfigFile): CertificateTrial {
  return async (path, expiry) => {
    try {
      await file.check(trialText(path), expiry);
      return undefined;
    } catch (error) {
      if (error instanceof CodedError && error.code === 'data-plane-refused') return error.message;
      throw error;
    }
  };
}

/** Nobody listens there: the file is only checked. */
function trialText(path: string): string {
  return `global\n  maxconn 10\nfrontend trial\n  mode http\n  timeout client 1s\n  bind 127.0.0.1:1 ssl crt ${quoted(path)}\n`;
}
