import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeVpp, type FakeVppOptions } from './fake-vpp.fixture.js';

/** A directory for the socket, and the fakes of one test; all are gone behind it. */
export class FakeStage {
  private readonly fakes: FakeVpp[] = [];
  private dir: string | undefined;

  async path(): Promise<string> {
    this.dir ??= await mkdtemp(join(tmpdir(), 'signalbox-vpp-'));
    return join(this.dir, 'api.sock');
  }

  async start(options: FakeVppOptions = {}): Promise<FakeVpp> {
    const fake = await FakeVpp.start(await this.path(), options);
    this.fakes.push(fake);
    return fake;
  }

  async clear(): Promise<void> {
    for (const fake of this.fakes.splice(0)) await fake.stop();
    if (this.dir !== undefined) await rm(this.dir, { recursive: true, force: true });
    this.dir = undefined;
  }
}
