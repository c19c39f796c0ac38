/** Largest message, for a digest of a whole group; pending must hold several. */
const MAX_PAYLOAD = '8MB';
const MAX_PENDING = '64MB';

/** The account that holds a site's streams, the same with and without users (deploy/nats/users.conf). */
export const SITE_ACCOUNT = 'SITE';

/** Whoever reaches the server, from this machine only, is let in. */
const ANYONE = [
  `accounts { ${SITE_ACCOUNT} { jetstream: enabled, users: [{ user: anyone, password: anyone }] } }`,
  'no_auth_user: anyone',
];

/** What differs from one embedded NATS to another. */
export interface NatsSettings {
  readonly port: number;
  readonly serverName: string;
  readonly storeDir: string;
  /** `always` or an interval as `10s`; left to the server (2 minutes) without it. */
  readonly syncInterval?: string | undefined;
  /** Most bytes of all streams; left to the server (three quarters of what is free at its start) without it. */
  readonly maxStore?: number | undefined;
  /** Where it tells how it is, on this machine only; without it nowhere. */
  readonly monitorPort?: number | undefined;
  /** A file with the users who may log in, without it anybody may. Relative to the configuration's own. */
  readonly usersFile?: string | undefined;
}

/** The configuration file of an embedded nats-server. */
export function renderNatsConfig(settings: NatsSettings): string {
  const { port, serverName, storeDir, syncInterval, maxStore, monitorPort, usersFile } = settings;
  return [
    'host: 127.0.0.1',
    `port: ${port}`,
    ...(monitorPort === undefined ? [] : [`http: "127.0.0.1:${monitorPort}"`]),
    `server_name: ${JSON.stringify(serverName)}`,
    `max_payload: ${MAX_PAYLOAD}`,
    `max_pending: ${MAX_PENDING}`,
    'jetstream {',
    `  store_dir: ${JSON.stringify(storeDir)}`,
    ...(maxStore === undefined ? [] : [`  max_file_store: ${maxStore}`]),
    ...(syncInterval === undefined ? [] : [`  sync_interval: ${syncInterval}`]),
    '}',
    ...(usersFile === undefined ? ANYONE : [`include ${JSON.stringify(usersFile)}`]),
    '',
  ].join('\n');
}

/**
 * What `SIGNALBOX_NATS_SYNC` asks for; undefined when it is unset or empty.
 *
 * @throws Error when it is neither `always` nor an interval as `500ms`, `10s` or `2m`
 */
export function syncIntervalOf(value: string | undefined): string | undefined {
  if (!value) return undefined;
  if (/^(always|\d+(ms|s|m))$/.test(value)) return value;
  throw new Error(`SIGNALBOX_NATS_SYNC is ${value}: expected always or an interval as 10s`);
}
