import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Hex, subjectToken } from '@signalbox/contracts';
import type { Log } from '@signalbox/runtime';
import type { Memory } from './memory.js';

/** Another form than this is not read. */
const FORMAT = 1;

/** What changes all the time is written at most so often, and at a stop. Milliseconds. */
const WRITE_EVERY_MS = 1000;

/**
 * The file in which an agent keeps its {@link Memory}: written whole, beside the old one, and put in its place when it is on
 * the disk. Whoever dies in between finds the one before; one that is broken is put aside.
 */
export class KeptFile {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private isDirty = false;
  private lastWriteMs = -Infinity;
  private isFailing = false;

  private constructor(
    private readonly file: string,
    readonly memory: Memory,
    private readonly log: Log,
  ) {}

  /** Reads what was kept of a node; nothing, when there is nothing that can be read. */
  static async open(stateDir: string, node: string, log: Log): Promise<KeptFile> {
    const file = join(stateDir, 'dataplane-agent', `${subjectToken(node)}.json`);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return new KeptFile(file, await readMemory(file, log), log);
  }

  /** Something changed. It is written at once when nothing was for a second, else then. */
  keep(): void {
    this.isDirty = true;
    if (this.timer || this.writing) return;
    const waitMs = Math.max(0, this.lastWriteMs + WRITE_EVERY_MS - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.writing = this.write().finally(() => {
        this.writing = undefined;
        if (this.isDirty) this.keep();
      });
    }, waitMs);
  }

  /** Resolves when everything that changed so far is written, or cannot be. */
  async settle(): Promise<void> {
    await this.writing;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isDirty) await this.write();
  }

  private async write(): Promise<void> {
    this.isDirty = false;
    this.lastWriteMs = performance.now();
    const kept = JSON.stringify(this.memory);
    try {
      await replace(this.file, `{"format":${FORMAT},"sha256":"${sha256Hex(kept)}","kept":${kept}}\n`);
      if (this.isFailing) this.log.info({ file: this.file }, 'the state of the node is kept again');
      this.isFailing = false;
    } catch (err) {
      if (!this.isFailing)
        this.log.error(
          { err, file: this.file },
          'the state of the node cannot be kept: the one before stays',
        );
      this.isFailing = true;
      this.isDirty = true;
    }
  }
}

async function readMemory(file: string, log: Log): Promise<Memory> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ports: {} };
    throw new Error(`${file} cannot be read: ${String(error)}`, { cause: error });
  }
  const memory = memoryIn(text);
  if (memory) return memory;
  const aside = `${file}.broken`;
  await rename(file, aside);
  log.error({ file, aside }, 'what was kept of the node cannot be used and is put aside');
  return { ports: {} };
}

function memoryIn(text: string): Memory | undefined {
  try {
    const { format, sha256, kept } = JSON.parse(text) as { format: number; sha256: string; kept: Memory };
    return format === FORMAT && sha256 === sha256Hex(JSON.stringify(kept)) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, also when the machine loses its power. */
async function replace(file: string, text: string): Promise<void> {
  const written = `${file}.new`;
  try {
    const handle = await open(written, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(written, file);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
  const directory = await open(dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
