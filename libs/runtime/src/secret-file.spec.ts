import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { SecretFile } from './secret-file.js';

it('X17 says why there is no secret, also when another reason takes the place of one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-secret-'));
  const path = join(directory, 'edge.key');
  let changed: () => void = () => undefined;
  const nextChange = (): Promise<void> => new Promise((resolve) => (changed = resolve));
  const file = await new SecretFile(path, () => changed()).open();
  expect([file.value, file.trouble]).toEqual([undefined, 'does not exist']);

  let change = nextChange();
  await writeFile(path, ' \n');
  await change;
  expect(file.trouble).toBe('is empty');

  change = nextChange();
  await rm(path);
  await mkdir(path);
  await change;
  // a turn of the watcher may fall between the two
  while (file.trouble === 'does not exist') await nextChange();
  expect(file.trouble).toBe('cannot be read (EISDIR)');

  change = nextChange();
  await rm(path, { recursive: true });
  await writeFile(path, 'key\n');
  await change;
  while (file.value === undefined) await nextChange();
  expect(file.trouble).toBeUndefined();
  file.close();
  await rm(directory, { recursive: true });
}, 60_000);
