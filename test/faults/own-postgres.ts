import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startPostgres } from '@signalbox/embedded';

/** A Postgres that a test may kill: nobody else's data is in it. */
export class OwnPostgres {
  private constructor(
    readonly server: EmbeddedServer,
    private readonly stateDir: string,
  ) {}

  static async start(): Promise<OwnPostgres> {
    const stateDir = await mkdtemp(join(tmpdir(), 'signalbox-postgres-'));
    await chmod(stateDir, 0o711); // the user of Postgres has to pass
    return new OwnPostgres(await startPostgres({ stateDir, log: () => undefined }), stateDir);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    if (!this.server.dataDir.startsWith(this.stateDir))
      await rm(this.server.dataDir, { recursive: true, force: true });
    await rm(this.stateDir, { recursive: true, force: true });
  }
}
