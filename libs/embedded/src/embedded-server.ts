/** A server that this process started and watches over. */
export interface EmbeddedServer {
  /** `nats://127.0.0.1:PORT`, `postgres://signalbox@127.0.0.1:PORT/signalbox` or `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Where its data really is: below `stateDir`, except as told under `startPostgres`. */
  readonly dataDir: string;
  /** Pid of the real server process now (for fault tests), undefined while it is down. */
  readonly pid: () => number | undefined;
  /** Stops the server and its watchdog. Idempotent. */
  readonly stop: () => Promise<void>;
}

/** What every embedded server is started with. */
export interface EmbeddedOptions {
  /** The site's own directory, made if missing; NATS keeps its data in `nats/`, Postgres in `pg/`. */
  stateDir: string;
  /** The environment of this process: PATH, and NATS_SERVER_BIN for a nats-server of your own. */
  env: NodeJS.ProcessEnv;
  /** Preferred port; the next free one below 32768 if busy. Without it: any free port in 20000-29999. */
  port?: number;
  /** A busy `port` is an error instead. */
  strictPort?: boolean;
  /** Where a fetched nats-server is kept; default `<stateDir>/cache`. Several sites may share one. */
  cacheDir?: string;
  /** Postgres settings on top of ours, e.g. `{ fsync: 'off' }` in tests. */
  settings?: Readonly<Record<string, string>>;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
  /** One line for each thing an operator should know. */
  log: (line: string) => void;
}
