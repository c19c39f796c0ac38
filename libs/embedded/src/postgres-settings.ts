/** Small enough for a laptop, safe against power loss; `max_connections` for every service of several sites. */
const DEFAULTS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '200',
  max_wal_size: '512MB',
  // nobody replicates from it: less to write
  wal_level: 'minimal',
  max_wal_senders: '0',
  // short statements only: compiling them costs more than it saves
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** The arguments of `postgres` for a port, `settings` on top of ours. */
export function postgresArguments(
  dataDir: string,
  port: number,
  settings: Readonly<Record<string, string>> = {},
): readonly string[] {
  const all = { ...DEFAULTS, ...settings, port: String(port) };
  return ['-D', dataDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
