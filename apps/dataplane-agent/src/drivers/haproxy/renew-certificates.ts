import { readFile } from 'node:fs/promises';
import { certificatePrints } from './answers.js';
import type { ShelvedCertificate } from './certificate-shelf.js';
import { commandWord } from './control-socket.js';
import type { Expiry } from './expiry.js';
import type { HaproxyControl } from './haproxy-control.js';

/** Longest text that HAProxy takes by its socket: what fits into its buffer of 16 KiB, with the command. Characters. */
const MOST_PEM_CHARACTERS = 15_000;

/**
 * Makes HAProxy serve the copies of certificates as they are now, without a reload: a handshake gets the old one or the new one, and
 * none fails. Says how many were exchanged; undefined: only a reload helps, which reads all copies.
 */
export async function renewCertificates(
  control: HaproxyControl,
  certificates: readonly ShelvedCertificate[],
  expiry: Expiry,
): Promise<number | undefined> {
  if (certificates.length === 0) return 0;
  const served = await printsOf(control, certificates, expiry);
  // what HAProxy does not have belongs to a listener that it does not have
  const due = certificates.filter(({ path, sha1, isFresh }) => {
    const print = served.get(path);
    return print !== undefined && (isFresh || print !== sha1);
  });
  for (const { path } of due) {
    const pem = await readFile(path, 'latin1');
    if (pem.length > MOST_PEM_CHARACTERS) return undefined;
    await control.exchangeCertificate(path, pem, expiry);
  }
  if (due.length === 0) return 0;
  const now = await printsOf(control, due, expiry);
  return due.every(({ path, sha1 }) => now.get(path) === sha1) ? due.length : undefined;
}

async function printsOf(
  control: HaproxyControl,
  certificates: readonly ShelvedCertificate[],
  expiry: Expiry,
): Promise<ReadonlyMap<string, string>> {
  const commands = certificates.map(({ path }) => `show ssl cert ${commandWord(path)}`);
  return certificatePrints(await control.tell(commands, expiry));
}
