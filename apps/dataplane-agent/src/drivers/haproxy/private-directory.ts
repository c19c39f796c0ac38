import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unavailable } from './expiry.js';
import { systemCode } from './system-code.js';

/**
 * A directory for the agent and its HAProxy alone, since private keys are in it. A file is there whole or not at all, also when
 * the machine loses its power.
 */
export class PrivateDirectory {
  constructor(readonly path: string) {}

  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** Undefined when there is no such file. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.pathOf(name), 'latin1');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw unavailable(`${this.pathOf(name)} cannot be read`, error);
    }
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const written = this.pathOf(`${name}.next`);
    const handle = await open(written, 'w', 0o600);
    try {
      await handle.writeFile(text, 'latin1');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(written, this.pathOf(name));
  }

  async move(from: string, to: string): Promise<void> {
    await rename(this.pathOf(from), this.pathOf(to));
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  /** Removes everything else; nothing when there is no directory. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    const found = await readdir(this.path).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw unavailable(`${this.path} cannot be read`, error);
      return [];
    });
    for (const name of found) if (!names.has(name)) await this.remove(name);
  }
}
