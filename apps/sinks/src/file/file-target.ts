import { constants, type Stats } from 'node:fs';
import { copyFile, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import {
  CodedError,
  type FileSinkSpec,
  formatTime,
  parseDuration,
  sha256Hex,
  SINK_DEFAULTS,
  type SinkContent,
  type SinkStep,
} from '@signalbox/contracts';
import { type Clock, DirectoryWatch, type SinkSettings, type SystemUser } from '@signalbox/runtime';
import { type Drift, type SinkDocument, SinkFault, type SinkTarget } from '../sink-target.js';
import { findOwner } from './file-owner.js';
import { checkPlace, type FilePlace, placeOf, regularFile, statOf } from './file-place.js';
import { type FileState, FileStateBook, syncDirectory } from './file-state.js';
import { runCommand } from './run-command.js';
import { checkProgram } from './trusted-program.js';

/** How often a file is looked at without a sign that it changed: a directory may be one that cannot be watched. Milliseconds. */
const LOOK_MS = 30_000;

type Command = 'check' | 'reload' | 'verify';

/** What is done to a file, in this order; of the last three those that the sink has. */
export type FileStep = 'write' | 'check' | 'keep' | 'begin' | 'rename' | 'reload' | 'verify' | 'finish';

/** What a file target works with. */
export interface FileTools {
  readonly stateDir: string;
  readonly settings: Pick<SinkSettings, 'dirs' | 'commandDirs'>;
  /** As whom commands run; absent: as we do. */
  readonly commandUser?: SystemUser;
  /** PATH of commands. */
  readonly searchPath: string;
  readonly clock: Clock;
  /** Told how long a command took. Seconds. */
  readonly onCommand?: (command: Command, seconds: number) => void;
  /** Told before each step. */
  readonly onStep?: (step: FileStep) => void;
}

/** The service stops while a command runs: nothing is decided, the next start goes on. */
class Interrupted extends Error {}

/**
 * A file that a program reads, replaced as a whole: the new one is written beside it, checked, and renamed into its place; when the program
 * does not take it, the one before is put back. After a crash at any step the file is a whole one that was taken, or becomes one by
 * {@link recover}. ADR 0030.
 */
export class FileTarget implements SinkTarget {
  private readonly place: FilePlace;
  private readonly state: FileStateBook;
  private watcher: DirectoryWatch | undefined;
  private looks: NodeJS.Timeout | undefined;
  /** The file as it was seen with the digest that was applied. */
  private seen: { readonly digest: string; readonly stats: Stats } | undefined;

  constructor(
    sink: string,
    private readonly spec: FileSinkSpec,
    private readonly tools: FileTools,
  ) {
    this.place = placeOf(spec.path);
    this.state = new FileStateBook(tools.stateDir, sink);
  }

  async recover(known: SinkContent | undefined, signal: AbortSignal): Promise<SinkContent | undefined> {
    const { path, next } = this.place;
    const state = await this.state.read();
    if (state?.path !== path || state.phase === 'done') {
      await this.tidy();
      return state?.path === path ? newerOf(known, state.content) : known;
    }
    const wasRenamed = (await statOf(next).catch(() => undefined)) === undefined;
    const digest = await digestOf(path);
    const before = known?.digest === state.before ? known : undefined;
    if (wasRenamed && digest === state.content.digest) {
      const fault = await this.takeUp(signal);
      if (fault) {
        await this.putBack(state, before, fault, signal);
        return before;
      }
      await this.finish(state.content);
      return state.content;
    }
    // it was put back, and it is not certain that the program knows
    if (wasRenamed && digest === state.before) await this.takeUp(signal);
    await this.settle(digest === state.before ? before : undefined);
    await this.tidy();
    return known;
  }

  async apply(
    document: SinkDocument,
    known: SinkContent | undefined,
    signal: AbortSignal,
  ): Promise<SinkContent> {
    const { path, directory, next } = this.place;
    const content: SinkContent = {
      generation: document.generation,
      digest: document.digest,
      bytes: document.bytes.byteLength,
      resources: document.resources.length,
      at: formatTime(this.tools.clock.now()),
      place: path,
    };
    const state = await this.prepare(document.bytes, content, signal);
    await this.step('rename', async () => {
      await rename(next, path);
      await syncDirectory(directory);
    });
    const fault = await this.takeUp(signal);
    if (fault)
      throw await this.putBack(state, known?.digest === state.before ? known : undefined, fault, signal);
    this.tools.onStep?.('finish');
    await this.finish(content);
    return content;
  }

  async drift(known: SinkContent): Promise<Drift | undefined> {
    const { path } = this.place;
    try {
      const stats = await statOf(path);
      if (!stats) return { what: `${path} is gone`, isGone: true };
      if (!stats.isFile()) return { what: `${path} is no regular file any more`, isGone: false };
      if (this.seen?.digest === known.digest && isSame(this.seen.stats, stats)) return undefined;
      const bytes = await readFile(path);
      const digest = sha256Hex(bytes);
      if (digest !== known.digest)
        return {
          what: `${path} has ${bytes.length} bytes of sha256 ${digest.slice(0, 12)}, not the ${known.bytes} of ${known.digest.slice(0, 12)} that were written`,
          isGone: false,
        };
      const mode = stats.mode & 0o777;
      if (mode !== this.mode)
        return { what: `${path} has the mode ${octal(mode)}, not ${octal(this.mode)}`, isGone: true };
      this.seen = { digest, stats };
      return undefined;
    } catch (error) {
      if (codeOf(error) === 'ENOTDIR') return { what: `${path} is gone`, isGone: true };
      return { what: `${path} cannot be read (${codeOf(error)})`, isGone: false };
    }
  }

  watch(hint: () => void): void {
    const { directory } = this.place;
    this.watcher = new DirectoryWatch(hint);
    this.watcher.watch(new Set([directory]));
    this.looks = setInterval(() => {
      this.watcher?.watch(new Set([directory]));
      hint();
    }, LOOK_MS).unref();
  }

  stop(): Promise<void> {
    clearInterval(this.looks);
    this.watcher?.close();
    return Promise.resolve();
  }

  private get mode(): number {
    return parseInt(this.spec.mode ?? SINK_DEFAULTS.mode, 8);
  }

  /** The new file beside the old one, whole and on disk. */
  private async writeNext(bytes: Uint8Array): Promise<void> {
    const { place, spec } = this;
    const standard = join(this.tools.stateDir, 'sinks');
    if (place.path.startsWith(standard + sep)) await mkdir(standard, { recursive: true, mode: 0o755 });
    await checkPlace(place, this.tools.settings.dirs);
    await regularFile(place.path);
    const { uid, gid } = await findOwner(spec.owner, spec.group);
    await rm(place.next, { force: true });
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = await open(place.next, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(bytes);
      if (uid !== -1 || gid !== -1) await file.chown(uid, gid);
      await file.chmod(this.mode);
      await file.sync();
    } catch (error) {
      await rm(place.next, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  /** All that comes before the file is replaced: afterwards a crash can be told from what is on disk. */
  private async prepare(bytes: Uint8Array, content: SinkContent, signal: AbortSignal): Promise<FileState> {
    const { path, directory, next } = this.place;
    try {
      await this.step('write', () => this.writeNext(bytes));
      await this.command('check', next, signal);
      const before = await this.step('keep', () => keepPrevious(this.place));
      const state: FileState = { phase: 'begun', path, content, ...(before !== undefined && { before }) };
      await this.step('begin', async () => {
        await syncDirectory(directory);
        await this.state.write(state);
      });
      return state;
    } catch (error) {
      await this.tidy();
      throw error;
    }
  }

  /** Lets the program take up the file that is in its place; gives what it has against it. */
  private async takeUp(signal: AbortSignal): Promise<SinkFault | undefined> {
    try {
      await this.command('reload', this.place.path, signal);
      await this.command('verify', this.place.path, signal);
      return undefined;
    } catch (error) {
      if (error instanceof SinkFault) return error;
      throw error;
    }
  }

  /** The file as it was before, `known` if that is ours, and the program told so. Gives the fault, with what else went wrong. */
  private async putBack(
    state: FileState,
    known: SinkContent | undefined,
    fault: SinkFault,
    signal: AbortSignal,
  ): Promise<SinkFault> {
    const { path, directory, previous } = this.place;
    await this.step('restore', async () => {
      if (state.before === undefined) await rm(path, { force: true });
      else await rename(previous, path);
      await syncDirectory(directory);
    });
    try {
      await this.command('reload', path, signal);
    } catch (error) {
      if (!(error instanceof SinkFault)) throw error;
      const message = `${fault.body.message}; with the file before: ${error.body.message}`;
      fault = new SinkFault(fault.step, { ...fault.body, message }, fault.output, fault.mayPass);
    }
    await this.settle(known);
    return fault;
  }

  /** Everything held. */
  private async finish(content: SinkContent): Promise<void> {
    await this.settle(content);
    await this.tidy();
  }

  /** Nothing is being done any more: the file is as it was applied, or not ours. What is not kept of that is found out anew. */
  private async settle(content: SinkContent | undefined): Promise<void> {
    const write = content
      ? this.state.write({ phase: 'done', path: this.place.path, content })
      : this.state.forget();
    await write.catch(ignoreSystemError);
  }

  /** What stands beside the file is of no more use. */
  private async tidy(): Promise<void> {
    const { next, previous } = this.place;
    for (const file of [next, previous]) await rm(file, { force: true }).catch(ignoreSystemError);
  }

  /** Runs a command of the sink, when it has one. Throws {@link SinkFault}. */
  private async command(command: Command, file: string, signal: AbortSignal): Promise<void> {
    const given = this.spec[command];
    if (!given) return;
    const { settings, commandUser, searchPath, onCommand, onStep } = this.tools;
    onStep?.(command);
    const [program = '', ...args] = given.argv.map((word) => word.replaceAll('{file}', file));
    try {
      await checkProgram(program, settings.commandDirs);
    } catch (error) {
      throw faultOf(command, error);
    }
    const started = performance.now();
    const { failure, output } = await runCommand({
      argv: [program, ...args],
      searchPath,
      timeoutMs: parseDuration(given.timeout ?? SINK_DEFAULTS.commandTimeout),
      signal,
      ...(commandUser && { user: commandUser }),
    });
    if (signal.aborted) throw new Interrupted(`the service stops during ${command}`);
    onCommand?.(command, (performance.now() - started) / 1000);
    if (failure === undefined) return;
    const message = `${command} (${[program, ...args].join(' ')}) ${failure}`;
    throw new SinkFault(command, { code: 'sink-command', message }, output === '' ? undefined : output);
  }

  private async step<T>(step: keyof typeof FAILED_STEP, work: () => Promise<T>): Promise<T> {
    if (step !== 'restore') this.tools.onStep?.(step);
    try {
      return await work();
    } catch (error) {
      throw faultOf(FAILED_STEP[step], error);
    }
  }
}

/** What failed, as records name it. */
const FAILED_STEP = {
  write: 'write',
  keep: 'write',
  begin: 'write',
  rename: 'rename',
  restore: 'restore',
} as const satisfies Record<string, SinkStep>;

/** What people can put right where the file is, so it is tried again. */
function faultOf(step: SinkStep, error: unknown): unknown {
  if (error instanceof CodedError) return new SinkFault(step, error.toBody(), undefined, true);
  if (!isSystemError(error)) return error;
  const { code, syscall, path } = error;
  const message = `${syscall}${path === undefined ? '' : ` ${path}`}: ${code}${HINTS[code] ?? ''}`;
  return new SinkFault(step, { code: 'sink-write', message }, undefined, true);
}

/** What to do about errors that people meet. */
const HINTS: Readonly<Record<string, string>> = {
  EACCES: ': let the user of the service write there',
  EDQUOT: ': the quota is used up',
  ENOENT: ': make the directory',
  ENOSPC: ': the disk is full',
  EPERM: ': only root may give a file to somebody else',
  EROFS: ': the file system is read-only',
};

/** Keeps what is in the place of the file, under a second name; gives its digest, undefined when nothing is there. */
async function keepPrevious({ path, previous }: FilePlace): Promise<string | undefined> {
  await rm(previous, { force: true });
  if (!(await regularFile(path))) return undefined;
  try {
    await link(path, previous);
  } catch {
    // no hard links there, or not to files of others
    await copyFile(path, previous, constants.COPYFILE_EXCL);
  }
  return sha256Hex(await readFile(previous));
}

async function digestOf(path: string): Promise<string | undefined> {
  const stats = await statOf(path).catch(() => undefined);
  return stats?.isFile() ? sha256Hex(await readFile(path)) : undefined;
}

/** What was applied later. */
function newerOf(known: SinkContent | undefined, ours: SinkContent): SinkContent {
  return known && known.at > ours.at ? known : ours;
}

function ignoreSystemError(error: unknown): void {
  if (!isSystemError(error)) throw error;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code !== undefined && syscall !== undefined;
}

/** Nobody touched a file in between. */
function isSame(a: Stats, b: Stats): boolean {
  return (
    a.ino === b.ino &&
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.dev === b.dev
  );
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
