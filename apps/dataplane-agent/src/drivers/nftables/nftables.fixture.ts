import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionalProgram } from '@signalbox/testing';
import type { DriverSubject } from '../contract/driver-stage.fixture.js';
import { ProcessPortMemory } from '../port-memory.js';
import { tableName } from './nft-names.js';
import { runProgram } from './nft-program.js';
import { NftTime } from './nft-time.js';
import { NftablesDriver, type NftablesSettings } from './nftables-driver.js';

const WHAT = 'the driver nftables, with the packets of a kernel';

/** Absent where they are not installed: the end of the run names what was left out. */
export const NFT = optionalProgram('nft', WHAT);
export const CONNTRACK = optionalProgram('conntrack', WHAT);
export const IP = optionalProgram('ip', WHAT);

/** For hangs only. Milliseconds. */
const PATIENT = { deadlineMs: 30_000 };

/** Each stand has a table of its own. */
let stands = 0;

/** A table in the kernel of this network namespace, and drivers of it. */
export class NftStand implements DriverSubject {
  readonly driver: NftablesDriver;

  private constructor(
    readonly directory: string,
    readonly settings: NftablesSettings,
    readonly ports: ProcessPortMemory,
  ) {
    this.driver = new NftablesDriver(settings, ports);
  }

  static async open(changes: Partial<NftablesSettings> = {}): Promise<NftStand> {
    const directory = await mkdtemp(join(tmpdir(), 'nftables-'));
    stands += 1;
    const settings = {
      node: `stand-${process.pid}-${stands}`,
      keepsSource: false,
      nft: await deaf(directory, NFT ?? 'nft'),
      conntrack: await deaf(directory, CONNTRACK ?? 'conntrack'),
      ...changes,
    };
    return new NftStand(directory, settings, new ProcessPortMemory());
  }

  get table(): string {
    return tableName(this.settings.node);
  }

  async again(changes: Partial<NftablesSettings> = {}): Promise<NftablesDriver> {
    return new NftablesDriver({ ...this.settings, ...changes }, this.ports);
  }

  /** Says something to the kernel, as anybody may. */
  async nft(...args: readonly string[]): Promise<string> {
    const said = await runProgram(NFT ?? 'nft', args, new NftTime(PATIENT));
    if (said.code !== 0) throw new Error(said.err);
    return said.out;
  }

  /** From now on the programs do not end. */
  async hang(): Promise<void> {
    await writeFile(join(this.directory, 'deaf'), '');
  }

  async wake(): Promise<void> {
    await rm(join(this.directory, 'deaf'), { force: true });
  }

  async end(): Promise<void> {
    await this.wake();
    const tables = (await this.nft('list', 'tables')).split('\n');
    for (const family of ['inet', 'netdev']) {
      if (tables.includes(`table ${family} ${this.table}`))
        await this.nft('delete', 'table', family, this.table);
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A program in the place of another: it does not end as long as there is a file `deaf`, and is the other else. */
async function deaf(directory: string, program: string): Promise<string> {
  const path = join(directory, program.split('/').at(-1)!);
  await writeFile(
    path,
    `#!/bin/sh\nwhile [ -e '${directory}/deaf' ]; do sleep 1; done\nexec ${program} "$@"\n`,
  );
  await chmod(path, 0o755);
  return path;
}
