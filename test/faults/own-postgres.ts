import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startPostgres } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import pg from 'pg';

/** So that a commit can be made to wait for a standby. */
const REPLICATES = { wal_level: 'replica', max_wal_senders: '1' };

/** A Postgres that a test may kill: nobody else's data is in it. */
export class OwnPostgres {
  private constructor(
    readonly server: EmbeddedServer,
    private readonly stateDir: string,
  ) {}

  /** `settings`: of the server, on top of ours. `parentDir`: where its directory is made. */
  static async start(
    settings: Readonly<Record<string, string>> = {},
    parentDir = tmpdir(),
  ): Promise<OwnPostgres> {
    const stateDir = await mkdtemp(join(parentDir, 'signalbox-postgres-'));
    await chmod(stateDir, 0o711); // the user of Postgres has to pass
    const server = await startPostgres({
      env: process.env,
      stateDir,
      settings: { ...REPLICATES, ...settings },
      log: () => undefined,
    });
    return new OwnPostgres(server, stateDir);
  }

  /**
   * Calls `work` when something was committed to a table and whoever did it has not been told: no commit is answered from
   * the call on until `work` has ended.
   */
  async withUnansweredCommit(table: string, work: () => void): Promise<void> {
    const client = new pg.Client({ connectionString: this.server.url });
    await client.connect();
    // a commit that is done waits for a standby that does not exist, and keeps its locks
    const unanswered = `select 1 from pg_stat_activity a join pg_locks l using (pid)
      where a.wait_event = 'SyncRep' and l.relation = $1::regclass and l.mode = 'RowExclusiveLock'`;
    try {
      await client.query(`alter system set synchronous_standby_names = 'nobody'`);
      await client.query('select pg_reload_conf()');
      await until(
        `a commit to ${table}`,
        async () => (await client.query(unanswered, [table])).rows.length > 0,
      );
      work();
    } finally {
      await client.query('alter system reset synchronous_standby_names');
      await client.query('select pg_reload_conf()');
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.server.stop();
    if (!this.server.dataDir.startsWith(this.stateDir))
      await rm(this.server.dataDir, { recursive: true, force: true });
    await rm(this.stateDir, { recursive: true, force: true });
  }
}
