import { isAlive } from '@signalbox/embedded';
import { Site, until } from '@signalbox/testing';
import { killAndReplace, killNow } from './kill.js';
import { OwnPostgres } from './own-postgres.js';

/** Deadlines for hangs: until a site is ready again by itself, and for one answer of a service. Milliseconds. */
const READY_AGAIN_MS = 300_000;
const ANSWER_MS = 30_000;

/** One thing that can be killed. */
export interface Victim {
  readonly name: string;
  /** Undefined while it is down. */
  pidNow(): Promise<number | undefined> | number | undefined;
}

/** A site of one process per service with servers of its own: everything in it can be killed. */
export class KillableSite {
  private constructor(
    readonly site: Site,
    private readonly postgres: OwnPostgres,
    /** Where each service answers. */
    readonly services: ReadonlyMap<string, string>,
  ) {}

  /** `more`: environment of the services. `settings`: of Postgres. */
  static async start(
    more: NodeJS.ProcessEnv = {},
    settings: Readonly<Record<string, string>> = {},
  ): Promise<KillableSite> {
    const postgres = await OwnPostgres.start(settings);
    try {
      const env = { ...more, DATABASE_URL: postgres.server.url };
      const site = await Site.start({ shape: 'services', env });
      return new KillableSite(site, postgres, await site.serviceUrls());
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  }

  /**
   * kill -9 of a service that has just committed to a table and was not told; else as {@link kill}. `onKilled` is called then:
   * until then something has to be committed.
   */
  killInCommit(name: string, table: string, onKilled: () => void): Promise<number> {
    return this.kill(this.service(name), (pid) =>
      this.postgres.withUnansweredCommit(table, () => {
        killNow(pid);
        onKilled();
      }),
    );
  }

  async stop(): Promise<void> {
    await this.site.stop();
    await this.postgres.stop();
  }

  get databaseUrl(): string {
    return this.postgres.server.url;
  }

  service(name: string): Victim {
    const pidNow = async (): Promise<number | undefined> => {
      const pid = await this.site.servicePid(name);
      return isAlive(pid) ? pid : undefined;
    };
    return { name, pidNow };
  }

  /** Both servers. */
  get servers(): readonly Victim[] {
    return [
      { name: 'nats-server', pidNow: this.site.nats.pid },
      { name: 'Postgres', pidNow: this.postgres.server.pid },
    ];
  }

  /** kill -9 of a process, or another end of it; resolves with the milliseconds until every service is ready again. */
  async kill(
    { name, pidNow }: Victim,
    how: (pid: number) => Promise<void> | void = killNow,
  ): Promise<number> {
    const since = performance.now();
    const left = (): number => Math.max(0, READY_AGAIN_MS - (performance.now() - since));
    await killAndReplace(name, pidNow, left(), how);
    // one after the other: on a busy machine all of them seldom answer quickly at the same time
    for (const url of this.services.values())
      await until(`${url} to be ready after ${name} was killed`, () => isReady(url), left());
    return Math.round(performance.now() - since);
  }
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok;
}
