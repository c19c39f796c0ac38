import { execFileSync } from 'node:child_process';
import { appendFileSync, truncateSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SOURCE_FILE_BOUNDS } from '@signalbox/contracts';
import { optionalProgram, until } from '@signalbox/testing';
import type { Observation } from '../../domain/discovery/endpoint.js';
import type { SourceWatch } from '../source-watch.js';
import { watchFile } from './watch-file.js';

// Deadlines are for hangs only.
jest.setTimeout(120_000);

const MKFIFO = optionalProgram('mkfifo', 'the file of a source that is a pipe');

/** A file of so many backends. */
const listOf = (count: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, n) => ({ address: `192.0.2.${n + 1}`, port: 80 })));

describe('a file on disk', () => {
  let outside: string;
  let directory: string;
  let watch: SourceWatch | undefined;
  let told: Observation[];
  beforeEach(async () => {
    outside = await mkdtemp(join(tmpdir(), 'sources-'));
    directory = join(outside, 'sources');
    await mkdir(directory);
    told = [];
  });
  afterEach(async () => {
    await watch?.stop();
    await rm(outside, { recursive: true, force: true });
  });

  const at = (...path: string[]): string => join(directory, ...path);

  function watching(path: string): void {
    const surroundings = {
      report: (observation: Observation): void => void told.push(observation),
      directory,
      vips: { vipOf: () => undefined },
      warn: (line: string): void => {
        throw new Error(line);
      },
    };
    const spec = { pool: 'web', file: { path } };
    watch = watchFile({ name: 'edge', project: 'default', spec }, surroundings);
  }

  /** Backends told last, or why they are not known. */
  function last(): number | string | undefined {
    const observation = told.at(-1);
    return observation?.type === 'content' ? observation.content.endpoints.length : observation?.reason;
  }

  const says = (what: number | string): Promise<unknown> => until(String(what), () => last() === what);

  it('is followed as it is replaced, written anew, removed and put back', async () => {
    await writeFile(at('web.json'), listOf(1));
    watching('web.json');
    await says(1);
    await writeFile(at('.web.json.new'), listOf(2));
    await rename(at('.web.json.new'), at('web.json'));
    await says(2);
    await writeFile(at('web.json'), listOf(3));
    await says(3);
    await rm(at('web.json'));
    await says('web.json does not exist below the directory of sources');
    await writeFile(at('web.json'), '[]');
    await says(0);
    await writeFile(at('web.json'), '- {address: 192.0.2.1, port: 80}\n');
    await says(1);
  });

  it('is not known while it is half written, and nothing of a half is told', async () => {
    await writeFile(at('web.json'), listOf(2));
    watching('web.json');
    await says(2);
    const text = listOf(3);
    truncateSync(at('web.json'));
    appendFileSync(at('web.json'), text.slice(0, 60));
    await until('the half', () => String(last()).startsWith('web.json is neither JSON nor YAML: '));
    appendFileSync(at('web.json'), text.slice(60));
    await says(3);
    const counts = told.flatMap((observation) =>
      observation.type === 'content' ? observation.content.endpoints.length : [],
    );
    expect([...new Set(counts)]).toEqual([2, 3]);
  });

  it('may be a link below the directory, which is exchanged as in a volume of Kubernetes', async () => {
    for (const [version, count] of [
      ['..v1', 1],
      ['..v2', 2],
    ] as const) {
      await mkdir(at(version));
      await writeFile(at(version, 'web.json'), listOf(count));
    }
    await symlink('..v1', at('..data'));
    await symlink(join('..data', 'web.json'), at('web.json'));
    watching('web.json');
    await says(1);
    await symlink('..v2', at('..data_tmp'));
    await rename(at('..data_tmp'), at('..data'));
    await rm(at('..v1'), { recursive: true });
    await says(2);
    await writeFile(at('..v2', 'web.json'), listOf(3));
    await says(3);
  });

  it('may lie in a directory that comes later and is exchanged', async () => {
    watching('team/web.json');
    await says('team/web.json does not exist below the directory of sources');
    await mkdir(at('team-1'));
    await writeFile(at('team-1', 'web.json'), listOf(1));
    await rename(at('team-1'), at('team'));
    await says(1);
    await mkdir(at('team-2'));
    await writeFile(at('team-2', 'web.json'), listOf(2));
    await rename(at('team'), at('team-0'));
    await rename(at('team-2'), at('team'));
    await says(2);
    await writeFile(at('team', 'web.json'), listOf(3));
    await says(3);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['the file', () => symlink(join('..', 'secret'), at('web.json'))],
    ['an absolute path', () => symlink(join(outside, 'secret'), at('web.json'))],
    [
      'a link to it',
      async () => {
        await symlink(join(outside, 'secret'), at('inner'));
        await symlink('inner', at('web.json'));
      },
    ],
  ])('must not lead out of the directory: %s', async (_what, link) => {
    await writeFile(join(outside, 'secret'), listOf(1));
    await link();
    watching('web.json');
    await says('web.json leads out of the directory of sources');
    await rm(at('web.json'));
    await writeFile(at('web.json'), listOf(2));
    await says(2);
  });

  it('must not lead out by its directory', async () => {
    await mkdir(join(outside, 'sources-of-others'));
    await writeFile(join(outside, 'sources-of-others', 'web.json'), listOf(1));
    await symlink(join(outside, 'sources-of-others'), at('team'));
    watching('team/web.json');
    await says('team/web.json leads out of the directory of sources');
  });

  it.each<[string, () => unknown, string]>([
    ['a directory', () => mkdir(at('web.json')), 'is no file'],
    ['a link in a circle', () => symlink('web.json', at('web.json')), 'is a link that leads in a circle'],
    ['empty', () => writeFile(at('web.json'), ''), 'has nothing in it: write [] when there are no backends'],
    [
      'too large',
      () => writeFile(at('web.json'), Buffer.alloc(SOURCE_FILE_BOUNDS.bytes + 1, 0x20)),
      `is larger than ${SOURCE_FILE_BOUNDS.bytes} bytes`,
    ],
  ])('is not known when it is %s', async (_what, make, why) => {
    await make();
    watching('web.json');
    await says(`web.json ${why}`);
  });

  (MKFIFO === undefined ? it.skip : it)(
    'is not known when it is a pipe, which nobody writes to',
    async () => {
      execFileSync(MKFIFO!, [at('web.json')]);
      watching('web.json');
      await says('web.json is no file');
    },
  );

  it('is not known without the directory of sources, and when that comes it is', async () => {
    await rm(directory, { recursive: true });
    watching('web.json');
    await says('web.json does not exist below the directory of sources');
    await mkdir(directory);
    await writeFile(at('web.json'), listOf(1));
    await says(1);
  });
});
