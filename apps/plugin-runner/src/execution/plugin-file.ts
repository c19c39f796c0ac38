import { constants, type Stats } from 'node:fs';
import { access, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { CodedError, type PluginSpec } from '@signalbox/contracts';
import { directoryAround, ownershipFault, parentsOf } from '@signalbox/runtime';
import { fileDigest } from './file-digest.js';
import { interpreterFault } from './interpreter.js';
import { PROCESS_LIMITS } from './limits.js';
import { trustSeal } from './trust-seal.js';

/** A plugin file that may be executed. */
export interface TrustedPlugin {
  /** Absolute, without symlinks. */
  readonly path: string;
  /** sha256 hex of the file. */
  readonly sha256: string;
  /** The plugin directory around it, without symlinks. */
  readonly directory: string;
}

const OUR_UID = process.getuid?.();

/** What was trusted, by who asked for it, with the seal that it had before it was checked. */
const remembered = new Map<string, { readonly seal: string; readonly plugin: TrustedPlugin }>();

/**
 * The executable of a plugin, after the trust rules (spec "Plugins", P17): an absolute path inside one of the
 * plugin directories once symlinks are followed; a regular file that we can read and execute; it and every
 * directory from it up to the plugin directory owned by root or the service user (not asked on a read-only mount)
 * and writable by nobody else; `spec.sha256`, when given, equals its digest.
 *
 * Throws `plugin-untrusted` with the rule, the path and the remedy, `plugin-start-failed` when there is no such
 * file or no interpreter for it. Nobody but root and the service user can change what was checked before it is executed. Asked before every
 * run; while nothing it depends on has changed ({@link trustSeal}), the answer is the last one.
 */
export async function openTrustedPlugin(
  spec: Pick<PluginSpec, 'executable' | 'sha256'>,
  pluginDirs: readonly string[],
  serviceUid: number | undefined = OUR_UID,
): Promise<TrustedPlugin> {
  const { executable = '' } = spec;
  if (!isAbsolute(executable))
    throw untrusted(`${executable} is not an absolute path: write the whole path in spec.executable`);

  const plugin = await trustedFile(executable, pluginDirs, serviceUid);
  if (spec.sha256 !== undefined && spec.sha256.toLowerCase() !== plugin.sha256)
    throw untrusted(
      `${plugin.path} has the sha256 ${plugin.sha256}, spec.sha256 wants ${spec.sha256}: install the right file or correct spec.sha256`,
    );
  return plugin;
}

async function trustedFile(
  executable: string,
  pluginDirs: readonly string[],
  serviceUid: number | undefined,
): Promise<TrustedPlugin> {
  const sealOf = (path: string): string | undefined =>
    trustSeal(executable, path, pluginDirs, serviceUid, Date.now());
  const key = [serviceUid, executable, ...pluginDirs].join('\0');
  const known = remembered.get(key);
  if (known && sealOf(known.plugin.path) === known.seal) return known.plugin;

  remembered.delete(key);
  const path = await resolveExecutable(executable);
  const seal = sealOf(path);
  const plugin = await checkFile(path, executable, pluginDirs, serviceUid);
  if (seal !== undefined) remember(key, { seal, plugin });
  return plugin;
}

function remember(key: string, trust: { readonly seal: string; readonly plugin: TrustedPlugin }): void {
  const [oldest] = remembered.keys();
  if (remembered.size >= PROCESS_LIMITS.rememberedDigests && oldest !== undefined) remembered.delete(oldest);
  remembered.set(key, trust);
}

async function checkFile(
  path: string,
  executable: string,
  pluginDirs: readonly string[],
  serviceUid: number | undefined,
): Promise<TrustedPlugin> {
  const pluginDir = await directoryAround(path, pluginDirs);
  if (pluginDir === undefined) {
    const seen = path === executable ? path : `${executable} (in truth ${path})`;
    const allowed = pluginDirs.length > 0 ? pluginDirs.join(', ') : 'none is configured';
    throw untrusted(`${seen} is not inside a plugin directory (${allowed}): install it there`);
  }

  const file = await openPlain(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw untrusted(`${path} is not a regular file`);
    await access(path, constants.X_OK).catch((cause: unknown) => {
      throw untrusted(`${path} is not executable: chmod u+x ${path}`, cause);
    });
    await checkOwnership(path, stats, serviceUid);
    for (const directory of parentsOf(path, pluginDir))
      await checkOwnership(directory, await stat(directory), serviceUid);

    const fault = await interpreterFault(file);
    if (fault !== undefined)
      throw new CodedError('plugin-start-failed', `${path} cannot be started: ${fault}`);
    return { path, sha256: await fileDigest(file, Date.now()), directory: pluginDir };
  } finally {
    await file.close();
  }
}

async function resolveExecutable(executable: string): Promise<string> {
  try {
    return await realpath(executable);
  } catch (cause) {
    throw new CodedError(
      'plugin-start-failed',
      `${executable} cannot be found (${reasonOf(cause)}): install the plugin or correct spec.executable`,
      [],
      { cause },
    );
  }
}

/** Opened without following a symlink and without waiting for the other end of a pipe. */
async function openPlain(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw untrusted(`${path} cannot be read (${reasonOf(cause)}): chmod u+r ${path}`, cause);
  }
}

/** Nobody but root and the service user may change it. */
async function checkOwnership(path: string, stats: Stats, serviceUid: number | undefined): Promise<void> {
  const fault = await ownershipFault(path, stats, serviceUid);
  if (fault !== undefined) throw untrusted(fault);
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function untrusted(message: string, cause?: unknown): CodedError {
  return new CodedError('plugin-untrusted', message, [], { cause });
}
