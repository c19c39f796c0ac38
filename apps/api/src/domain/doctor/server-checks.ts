import type { Check, CheckStatus } from './check.js';

/** What is known of NATS. Bytes. */
export interface NatsFacts {
  readonly version: string;
  readonly maxPayload: number;
  readonly tls: boolean;
  /** It is on another host. */
  readonly isFar: boolean;
  /** As its configuration says: `always`, or a duration. Absent: it cannot be seen from here. */
  readonly syncInterval?: string;
  /** What the account may store, and what it has stored. -1 = without a bound. */
  readonly storage?: { readonly used: number; readonly limit: number };
}

/** What is known of Postgres. */
export interface PostgresFacts {
  /** As `server_version_num` has it: 170004. */
  readonly versionNumber: number;
  readonly settings: Readonly<Partial<Record<'fsync' | 'synchronous_commit' | 'full_page_writes', string>>>;
  readonly connections: number;
  readonly maxConnections: number;
}

/** A place that may fill up. Bytes. */
export interface DiskFacts {
  readonly place: string;
  readonly used: number;
  readonly size: number;
}

/** Lowest versions that are tested. design/stack. */
const LEAST = { nats: [2, 9, 10], postgres: 150_000 } as const;
/** What is shipped, in bytes; below it large facts and changesets are refused. */
const SHIPPED_PAYLOAD = 8 * 1024 * 1024;
const LEAST_PAYLOAD = 1024 * 1024;
/** Shares from which on a place is nearly full, and full. */
const FULL = { warn: 0.8, fail: 0.95 } as const;
const MIB = 1024 * 1024;

/** NATS as it is set up, against what is shipped. `undefined`: it did not answer. */
export function natsChecks(facts: NatsFacts | undefined): Check[] {
  const about = { area: 'nats', name: 'NATS' } as const;
  if (!facts)
    return [
      {
        ...about,
        code: 'nats-reachable',
        status: 'fail',
        detail: 'NATS does not answer',
        remedy: 'start it, and see NATS_URL of the services',
      },
    ];
  const { version, maxPayload, syncInterval, storage, tls, isFar } = facts;
  const isOld = isBelow(version, LEAST.nats);
  const checks: Check[] = [
    {
      ...about,
      code: 'nats-version',
      status: isOld ? 'fail' : 'pass',
      detail: `version ${version}, at least ${LEAST.nats.join('.')} is needed`,
      ...(isOld && { remedy: 'install a current nats-server' }),
    },
    {
      ...about,
      code: 'nats-max-payload',
      status: maxPayload < LEAST_PAYLOAD ? 'fail' : maxPayload < SHIPPED_PAYLOAD ? 'warn' : 'pass',
      detail: `max_payload is ${mib(maxPayload)}, shipped is ${mib(SHIPPED_PAYLOAD)}`,
      ...(maxPayload < SHIPPED_PAYLOAD && { remedy: 'set max_payload: 8MB in the configuration of NATS' }),
    },
    { ...about, code: 'nats-sync', ...syncCheck(syncInterval) },
    { ...about, code: 'nats-storage', ...storageCheck(storage) },
  ];
  if (isFar && !tls)
    checks.push({
      ...about,
      code: 'nats-tls',
      status: 'warn',
      detail: 'the connection to another host is not encrypted',
      remedy: 'set up TLS at NATS and NATS_URL=tls://… (docs/reference/connections.md)',
    });
  return checks;
}

function syncCheck(interval: string | undefined): Pick<Check, 'status' | 'detail' | 'remedy'> {
  if (interval === undefined)
    return {
      status: 'skip',
      detail: 'NATS is not ours, and does not tell its sync_interval: look into its configuration',
    };
  if (interval === 'always')
    return { status: 'pass', detail: 'sync: always: what is accepted outlives a crash of the machine' };
  return {
    status: 'warn',
    detail: `sync: ${interval}: what was accepted within that time may be lost when the machine crashes`,
    remedy: 'set SIGNALBOX_NATS_SYNC=always, or sync_interval: always in the configuration of NATS',
  };
}

function storageCheck(storage: NatsFacts['storage']): Pick<Check, 'status' | 'detail' | 'remedy'> {
  if (!storage) return { status: 'skip', detail: 'the account does not tell what it may store' };
  const { used, limit } = storage;
  if (limit < 0) return { status: 'pass', detail: `${mib(used)} stored, without a limit of the account` };
  const status = fullness(used, limit);
  const detail = `${mib(used)} of ${mib(limit)} stored`;
  return {
    status,
    detail,
    ...(status !== 'pass' && { remedy: 'signalbox status --storage shows what is large' }),
  };
}

/** Postgres as it is set up. `undefined`: it did not answer. */
export function postgresChecks(facts: PostgresFacts | undefined): Check[] {
  const about = { area: 'postgres', name: 'Postgres' } as const;
  if (!facts)
    return [
      {
        ...about,
        code: 'postgres-reachable',
        status: 'fail',
        detail: 'Postgres does not answer',
        remedy: 'start it, and see DATABASE_URL of the services',
      },
    ];
  const { versionNumber, settings, connections, maxConnections } = facts;
  const isOld = versionNumber < LEAST.postgres;
  const weak = Object.entries(settings)
    .filter(([, value]) => value === 'off')
    .map(([name]) => name)
    .sort();
  const isFull = connections >= FULL.warn * maxConnections;
  return [
    {
      ...about,
      code: 'postgres-version',
      status: isOld ? 'warn' : 'pass',
      detail: `version ${Math.floor(versionNumber / 10_000)}, at least ${LEAST.postgres / 10_000} is tested`,
      ...(isOld && { remedy: 'upgrade Postgres' }),
    },
    {
      ...about,
      code: 'postgres-durability',
      status: weak.length > 0 ? 'warn' : 'pass',
      detail:
        weak.length > 0
          ? `${weak.join(', ')} off: after a crash of the machine tables may have to be rebuilt`
          : 'fsync, synchronous_commit and full_page_writes are on',
      ...(weak.length > 0 && { remedy: `switch on ${weak.join(', ')} in the configuration of Postgres` }),
    },
    {
      ...about,
      code: 'postgres-connections',
      status: isFull ? 'warn' : 'pass',
      detail: `${connections} of ${maxConnections} connections`,
      ...(isFull && { remedy: 'raise max_connections, or find who holds them: pg_stat_activity' }),
    },
  ];
}

/** How full the places are that the site writes to. */
export function diskChecks(disks: readonly DiskFacts[]): Check[] {
  return disks.map(({ place, used, size }) => {
    const status = fullness(used, size);
    return {
      area: 'disk',
      code: 'disk-free',
      name: place,
      status,
      detail: `${mib(size - used)} of ${mib(size)} free`,
      ...(status !== 'pass' && { remedy: 'make room: signalbox status --storage shows what is large' }),
    };
  });
}

function fullness(used: number, size: number): CheckStatus {
  const share = size > 0 ? used / size : 1;
  return share >= FULL.fail ? 'fail' : share >= FULL.warn ? 'warn' : 'pass';
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}

function isBelow(version: string, least: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (Number.isNaN(part)) return false;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
