import type { Alarm } from '@signalbox/contracts';
import type { Check } from './check.js';

/** So many messages behind, a reader is late. */
export const LATE = { projection: 1000, consumer: 1000 } as const;
/** A key that is older should be replaced. Milliseconds. */
export const OLD_KEY_MS = 365 * 24 * 3_600_000;
/** Most alarms, consumers and dead letters that are told one by one. */
const MOST_TOLD = 50;

/** A reader of a stream. */
export interface ReaderFacts {
  readonly name: string;
  readonly stream: string;
  /** Messages that it has not read. */
  readonly lag: number;
  /** Of a consumer: given out, and not acknowledged. */
  readonly inWork?: number;
}

/** Dead letters of one service with one code. */
export interface DeadFacts {
  readonly service: string;
  readonly code: string;
  readonly count: number;
}

/** A file that holds a secret. */
export interface KeyFacts {
  readonly path: string;
  /** What it is for: `EventGroup/edge`, `context file`. */
  readonly purpose: string;
  /** Absent: it cannot be seen from here, for `trouble`. */
  readonly mode?: number;
  readonly ageMs?: number;
  readonly trouble?: string;
}

/** A part of a service that is, or is not, ready. */
export interface ServiceFacts {
  readonly name: string;
  /** Absent: it is ready. */
  readonly trouble?: string;
}

/** Services that answer, and what is wrong with those that do not. */
export function serviceChecks(services: readonly ServiceFacts[]): Check[] {
  return services.map(({ name, trouble }) => ({
    area: 'services',
    code: 'service-ready',
    name,
    status: trouble === undefined ? 'pass' : 'fail',
    detail: trouble ?? 'answers and is ready',
    ...(trouble !== undefined && { remedy: `see its log, and /readyz?verbose of ${name}` }),
  }));
}

/** Projections that are behind their streams. */
export function projectionChecks(readers: readonly ReaderFacts[]): Check[] {
  return readers.map(({ name, stream, lag }) => ({
    area: 'projections',
    code: 'projection-lag',
    name,
    status: lag >= LATE.projection ? 'warn' : 'pass',
    detail: `${lag} messages of ${stream} behind`,
    ...(lag >= LATE.projection && { remedy: 'see it catch up: signalbox projections list' }),
  }));
}

/** Durable consumers that do not get on. */
export function consumerChecks(readers: readonly ReaderFacts[]): Check[] {
  const late = readers.filter(({ lag }) => lag >= LATE.consumer);
  const told = late.slice(0, MOST_TOLD).map(({ name, stream, lag, inWork = 0 }): Check => ({
    area: 'consumers',
    code: 'consumer-lag',
    name: `${stream} ${name}`,
    status: 'warn',
    detail: `${lag} messages wait, ${inWork} are in work`,
    remedy: 'see whether its service gets on: signalbox show alarms',
  }));
  if (late.length > 0) return told;
  const detail = `${readers.length} consumers, none has ${LATE.consumer} messages or more before it`;
  return [{ area: 'consumers', code: 'consumer-lag', name: 'consumers', status: 'pass', detail }];
}

/** Messages that nobody could process. */
export function deadLetterChecks(letters: readonly DeadFacts[]): Check[] {
  if (letters.length === 0) {
    const detail = 'nothing was given up';
    return [{ area: 'dead-letters', code: 'dead-letters', name: 'DEAD', status: 'pass', detail }];
  }
  return letters.slice(0, MOST_TOLD).map(({ service, code, count }) => ({
    area: 'dead-letters',
    code: 'dead-letters',
    name: `${service} ${code}`,
    status: 'warn',
    detail: `${count} ${count === 1 ? 'message' : 'messages'} given up`,
    remedy: `signalbox dead list --service ${service} --code ${code}`,
  }));
}

/** Files of keys: that nobody else reads them, and that they are not too old. */
export function keyChecks(keys: readonly KeyFacts[]): Check[] {
  return keys.map((key) => ({ area: 'keys', name: `${key.purpose} ${key.path}`, ...keyState(key) }));
}

function keyState({
  path,
  mode,
  ageMs = 0,
  trouble,
}: KeyFacts): Pick<Check, 'code' | 'status' | 'detail' | 'remedy'> {
  if (mode === undefined)
    return { code: 'key-file', status: 'skip', detail: `cannot be seen from here: ${trouble ?? 'unknown'}` };
  if ((mode & 0o077) !== 0)
    return {
      code: 'key-file',
      status: (mode & 0o007) !== 0 ? 'fail' : 'warn',
      detail: `mode ${(mode & 0o777).toString(8)}: others than its owner may read or write it`,
      remedy: `chmod 600 ${path}`,
    };
  const days = Math.floor(ageMs / 86_400_000);
  if (ageMs >= OLD_KEY_MS)
    return {
      code: 'key-age',
      status: 'warn',
      detail: `${days} days old`,
      remedy: 'make a new one and give it to both sides: signalbox keys --help',
    };
  return { code: 'key-file', status: 'pass', detail: `for its owner only, ${days} days old` };
}

/** What is known to be wrong: of plugins under their own area. A silenced alarm warns nobody. */
export function alarmChecks(alarms: readonly Alarm[]): Check[] {
  const loud = alarms.filter(({ silencedBy }) => silencedBy === undefined);
  const told = loud.slice(0, MOST_TOLD).map((alarm): Check => {
    const [first] = alarm.resources ?? [];
    return {
      area: alarm.kind.startsWith('plugin') ? 'plugins' : 'alarms',
      code: alarm.kind,
      name: alarm.name,
      status: 'warn',
      detail: alarm.text,
      remedy: first ? `signalbox describe ${first.kind} ${first.name}` : 'signalbox show alarms',
      ...(first && { resource: `${first.kind}/${first.name}` }),
    };
  });
  if (loud.length > 0) return told;
  const silent = alarms.length;
  const detail =
    silent === 0 ? 'no alarm' : `no alarm but ${silent} that ${silent === 1 ? 'is' : 'are'} silenced`;
  return [{ area: 'alarms', code: 'alarms', name: 'alarms', status: 'pass', detail }];
}
