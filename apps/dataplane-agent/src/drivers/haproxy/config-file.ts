import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '@signalbox/contracts';
import { isOurs, listenersOfText, shapeOfText } from './config-text.js';
import { type Expiry, unavailable } from './expiry.js';
import type { PlacedListener } from './placed-listener.js';
import { systemCode } from './system-code.js';

const run = promisify(execFile);

/** Longest report of a bad file that an error repeats. Characters. */
const MOST_REPORT_CHARACTERS = 1_000;

/** A file of ours, read. */
export interface ReadConfig {
  readonly text: string;
  readonly shape: string;
  readonly listeners: readonly PlacedListener[];
}

/**
 * The haproxy.cfg on the disk: always whole and all that is desired, so whoever starts HAProxy from it starts it right. Beside it
 * stands, as `.before`, the one that the last reload replaced: when an agent dies in the middle of a reload, the next one still
 * knows what HAProxy serves.
 */
export class ConfigFile {
  private last?: ReadConfig;

  constructor(
    readonly path: string,
    private readonly program: string,
  ) {}

  /** Undefined when there is none. Throws `data-plane-unavailable` for a file that is not ours: it is somebody's work. */
  async read(): Promise<ReadConfig | undefined> {
    const text = await textOf(this.path);
    if (text === undefined || text.trim() === '') return undefined;
    if (!isOurs(text)) {
      throw unavailable(`${this.path} was not written by Signalbox; move it away, or name another file`);
    }
    this.last = this.last?.text === text ? this.last : readConfig(text);
    return this.last;
  }

  /** The file of this shape: the one that stands, as it was read, or the one before it. */
  async ofShape(
    shape: string | undefined,
    standing: ReadConfig | undefined,
  ): Promise<ReadConfig | undefined> {
    if (shape === undefined) return undefined;
    if (standing?.shape === shape) return standing;
    const before = await textOf(`${this.path}.before`);
    return before !== undefined && shapeOfText(before) === shape ? readConfig(before) : undefined;
  }

  /** Puts the text in the place of the file, at once and as a whole. */
  async replace(text: string): Promise<void> {
    await this.writeAt(this.path, text);
  }

  /** Keeps what HAProxy serves until a reload is over. */
  async keepBefore(text: string): Promise<void> {
    await this.writeAt(`${this.path}.before`, text);
  }

  /** Lets HAProxy read the text. Throws `data-plane-refused` when it would not start with it. */
  async check(text: string, expiry: Expiry): Promise<void> {
    const tried = `${this.path}.check`;
    await this.writeAt(tried, text);
    try {
      await run(this.program, ['-c', '-f', tried], { signal: expiry.signal });
    } catch (error) {
      expiry.check('HAProxy to check its file');
      throw refusal(this.program, error);
    } finally {
      await rm(tried, { force: true });
    }
  }

  private async writeAt(path: string, text: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.next`, text, { mode: 0o600 });
    await rename(`${path}.next`, path);
  }
}

function readConfig(text: string): ReadConfig {
  return { text, shape: shapeOfText(text) ?? '', listeners: listenersOfText(text) };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unavailable(`${path} cannot be read`, error);
  }
}

function refusal(program: string, error: unknown): CodedError {
  // a number: it ran, and this is its exit code
  if (typeof systemCode(error) === 'number') {
    const alerts = String((error as { stderr?: unknown }).stderr)
      .split('\n')
      .filter((line) => line.startsWith('[ALERT]'));
    const report = alerts.join(' ').slice(0, MOST_REPORT_CHARACTERS);
    return new CodedError('data-plane-refused', `HAProxy does not take the file: ${report}`, [], {
      cause: error,
    });
  }
  return unavailable(`${program} cannot be run; install HAProxy 2.6 or newer, or name the program`, error);
}
