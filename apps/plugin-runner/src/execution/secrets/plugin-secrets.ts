import { type PluginSecret, sha256Hex } from '@signalbox/contracts';
import { NO_REDACTION, Redaction } from '../../domain/redaction.js';
import { readSecretFile, secretSeal } from './secret-file.js';

/** A secret as a process is given it. */
export interface GivenSecret {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The secrets of one plugin, as their files were when they were read. */
export interface PluginSecrets {
  /** In the order of the spec. */
  readonly given: readonly GivenSecret[];
  readonly redaction: Redaction;
  /** Equal while the files are the same and hold the same. */
  readonly identity: string;
}

/** What a plugin without secrets has. */
export const NO_SECRETS: PluginSecrets = { given: [], redaction: NO_REDACTION, identity: '' };

/** The last answer for each list of secrets, with the seals that the files had before they were read. */
const remembered = new WeakMap<
  readonly PluginSecret[],
  { readonly seal: string; readonly secrets: PluginSecrets }
>();

/**
 * The secrets of a plugin, asked for before each of its runs: read again when a file was changed since, which a look at the files tells.
 * Throws as {@link readSecretFile} for the first that cannot be had. Of one list always with the same `directories`.
 */
export async function readSecrets(
  list: readonly PluginSecret[] = [],
  directories: readonly string[],
): Promise<PluginSecrets> {
  if (list.length === 0) return NO_SECRETS;
  const seal = sealOf(list);
  const known = remembered.get(list);
  if (known && known.seal === seal) return known.secrets;

  remembered.delete(list);
  const contents = await Promise.all(
    list.map((secret, at) => readSecretFile(secret, directories, `/spec/secrets/${at}/file`)),
  );
  const secrets: PluginSecrets = {
    given: contents.map(({ bytes }, at) => ({ name: list[at]!.name, bytes })),
    redaction: new Redaction(contents.map(({ bytes }) => bytes)),
    identity: contents.map(({ file, bytes }) => `${file}:${sha256Hex(bytes)}`).join(),
  };
  if (seal !== undefined) remembered.set(list, { seal, secrets });
  return secrets;
}

function sealOf(list: readonly PluginSecret[]): string | undefined {
  const nowMs = Date.now();
  const seals = list.map((secret) => secretSeal(secret, nowMs));
  return seals.includes(undefined) ? undefined : seals.join('\0\0');
}
