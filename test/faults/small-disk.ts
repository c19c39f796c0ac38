import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionalProgram, tellNotRun } from '@signalbox/testing';

const MIB = 1024 * 1024;
const PURPOSE = 'F9 the tests of full disks';

/** Whether a disk can be made here: that takes root, and a mount. What does not run is told at the end of `npm test`. */
export function canMakeDisks(): boolean {
  const mount = optionalProgram('mount', PURPOSE);
  if (mount === undefined || optionalProgram('umount', PURPOSE) === undefined) return false;
  try {
    SmallDisk.make(1).remove();
    return true;
  } catch (error) {
    tellNotRun(PURPOSE, `no tmpfs can be mounted (it takes root): ${String(error)}`);
    return false;
  }
}

/** A file system in memory of a size of its own. */
export class SmallDisk {
  private constructor(readonly dir: string) {}

  static make(mebibytes: number): SmallDisk {
    const dir = mkdtempSync(join(tmpdir(), 'signalbox-disk-'));
    try {
      run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0711`, 'signalbox-test', dir);
    } catch (error) {
      rmSync(dir, { recursive: true });
      throw error;
    }
    return new SmallDisk(dir);
  }

  /** Gives it another size, whatever is on it. */
  resize(mebibytes: number): void {
    run('mount', '-o', `remount,size=${mebibytes}m`, this.dir);
  }

  /** Takes all room that is left. Says how many bytes that were. */
  fill(): number {
    const file = openSync(this.filler, 'a');
    let chunk = Buffer.alloc(MIB, 1);
    try {
      for (;;) {
        try {
          writeSync(file, chunk);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          if (chunk.length === 1) return statSync(this.filler).size;
          chunk = chunk.subarray(0, chunk.length >> 1);
        }
      }
    } finally {
      closeSync(file);
    }
  }

  /** Gives back what {@link fill} took. */
  clear(): void {
    rmSync(this.filler, { force: true });
  }

  remove(): void {
    run('umount', '-l', this.dir);
    rmSync(this.dir, { recursive: true, force: true });
  }

  private get filler(): string {
    return join(this.dir, 'filler');
  }
}

function run(name: string, ...args: string[]): void {
  execFileSync(optionalProgram(name, PURPOSE) ?? name, args, { stdio: 'pipe' });
}
