import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type NatsAccess, readNatsAccess, type StreamBounds, type TlsFiles } from '@signalbox/bus';
import { BOUNDS, CodedError, isDuration, isNodeName, parseDuration, secretText } from '@signalbox/contracts';
import { type HttpSettings, readHttpSettings } from './http/http-settings.js';
import { readDatabaseAccess } from './database-access.js';
import { type OidcSettings, readOidcSettings } from './auth/oidc-settings.js';
import { type LbSettings, readLbSettings } from './lb-settings.js';
import { type PluginSettings, readPluginSettings } from './plugin-settings.js';
import { readSinkSettings, type SinkSettings } from './sink-settings.js';

/** Everything a process reads from its environment, checked once at start. */
export interface SiteConfig {
  readonly nats: NatsAccess;
  /** Empty: no service of this process has anything there. */
  readonly databaseUrl: string;
  /** Certificates of the connection to Postgres; absent: in the clear. */
  readonly databaseTls?: TlsFiles;
  /** `nodeName` of the first EventGroup of a new site. */
  readonly nodeName: string;
  /** Where the site keeps files of its own: CLI context, ports. */
  readonly stateDir: string;
  /** Where programs are found that we start. */
  readonly searchPath: string;
  /** Which authorities TLS trusts, in the variables by which Node is told: for processes of our own. */
  readonly caEnvironment: Readonly<Record<string, string>>;
  /** Directories that plugins may be started from. */
  readonly pluginDirs: readonly string[];
  /** How plugins are contained. */
  readonly plugins: PluginSettings;
  /** `${secretDir}` of applied files. */
  readonly secretDir: string;
  /** Directories that the secrets of plugins may lie in: `plugin-runner` reads no other file for them. */
  readonly secretDirs: readonly string[];
  /** What BackendSources read lies below it: files, tokens and authorities. */
  readonly sourcesDir: string;
  readonly httpHost: string;
  readonly httpPort: number;
  /** Whom it answers, and how much of them. */
  readonly http: HttpSettings;
  /** Whose JWTs are taken besides tokens of the site; absent: nobody's. */
  readonly oidc?: OidcSettings;
  /** Where `api` finds `ingest` when both are processes of their own. */
  readonly ingestUrl?: string;
  /** How long facts are kept where their group does not say. Absent: without that bound. */
  readonly facts: { readonly maxAgeMs?: number; readonly maxEvents?: number };
  /** Bound of the stream of each group's facts; absent: as the stream has it, 2 GiB when it is new. */
  readonly factsMaxBytes?: number;
  /** Bounds of INTAKE and DEAD. */
  readonly streamBounds: StreamBounds;
  /** From so many bytes on a stream that refuses nothing counts as full. Absent: never. */
  readonly warnBytes: { readonly activity?: number; readonly journal?: number };
  /** How often it is looked how full everything is. Milliseconds. */
  readonly sampleEveryMs: number;
  /** How often what is beyond its retention is pruned. Milliseconds. */
  readonly pruneEveryMs: number;
  /** How long records of ACTIVITY are kept, and the rows that are over with them. Absent: for ever. */
  readonly activityMaxAgeMs?: number;
  /** How often ACTIVITY is compacted. Milliseconds. */
  readonly compactEveryMs: number;
  /** Of `dataplane-agent`. */
  readonly lb: LbSettings;
  /** Of `sinks`. */
  readonly sinks: SinkSettings;
  /** Variables of OpenTelemetry's standard, `OTEL_…`. */
  readonly traces?: Readonly<Record<string, string | undefined>>;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** How often things are done when nothing else is said. */
const EVERY_MS = { prune: 60_000, compact: 24 * 3_600_000, sample: 60_000 } as const;

/** Where programs are found when nobody says. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const CA_VARIABLES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/**
 * Reads the environment, and the secrets that it names by file. All mistakes are reported together in one Error whose message has a line for each.
 * `withoutStore`: no service of the process needs Postgres, so nothing is read of where it is.
 */
export function readSiteConfig(
  env: NodeJS.ProcessEnv,
  { withoutStore = false }: { readonly withoutStore?: boolean } = {},
): SiteConfig {
  const mistakes: string[] = [];
  const secret = (name: string): string | undefined => {
    const file = env[name];
    if (!file) return undefined;
    try {
      const content = secretText(readFileSync(file), `${name} names ${file}, which`);
      if (content === '') mistakes.push(`${name} names ${file}, which is empty`);
      return content;
    } catch (error) {
      if (error instanceof CodedError) mistakes.push(error.message);
      else
        mistakes.push(
          `${name} names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})`,
        );
      return undefined;
    }
  };
  const source = { env, fileOf: secret, mistake: (text: string) => void mistakes.push(text) };
  const nats = readNatsAccess(source);
  const database = withoutStore ? { url: '' } : readDatabaseAccess(source);
  const nodeName = env['SIGNALBOX_NODE'] ?? toNodeName(hostname());
  if (!isNodeName(nodeName)) mistakes.push(`SIGNALBOX_NODE must be a DNS name, not "${nodeName}"`);
  const httpPort = Number(env['HTTP_PORT'] ?? 7800);
  if (!Number.isInteger(httpPort) || httpPort < 0 || httpPort > 65_535)
    mistakes.push('HTTP_PORT must be 0-65535');
  const logLevel = LOG_LEVELS.find((level) => level === (env['LOG_LEVEL'] ?? 'info'));
  if (!logLevel) mistakes.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
  const duration = (name: string, otherwise: number): number => {
    const text = env[name];
    if (!text) return otherwise;
    if (text === 'unlimited') return 0;
    if (isDuration(text)) return parseDuration(text);
    mistakes.push(`${name} must be a duration such as 720h, not "${text}"`);
    return 0;
  };
  const maxAgeMs = duration('SIGNALBOX_FACTS_MAX_AGE', BOUNDS.factsAgeMs);
  const activityMaxAgeMs = duration('SIGNALBOX_ACTIVITY_MAX_AGE', BOUNDS.activityAgeMs);
  const compactEveryMs = duration('SIGNALBOX_COMPACT_EVERY', EVERY_MS.compact);
  const pruneEveryMs = duration('SIGNALBOX_PRUNE_EVERY', EVERY_MS.prune);
  const sampleEveryMs = duration('SIGNALBOX_STORAGE_SAMPLE_EVERY', EVERY_MS.sample);
  const factsText = env['SIGNALBOX_FACTS_MAX_EVENTS'] || String(BOUNDS.factsEvents);
  const maxEvents = factsText === 'unlimited' ? 0 : Number(factsText);
  if (!Number.isSafeInteger(maxEvents) || maxEvents < 0)
    mistakes.push(`SIGNALBOX_FACTS_MAX_EVENTS must be a number or unlimited, not "${factsText}"`);
  const bytes = (name: string): number | undefined => {
    const text = env[name];
    if (!text) return undefined;
    if (Number(text) > 0 && Number.isSafeInteger(Number(text))) return Number(text);
    mistakes.push(`${name} must be a number of bytes, not "${text}"`);
    return undefined;
  };
  const warnBytes = (name: string, otherwise: number): number | undefined =>
    env[name] === 'unlimited' ? undefined : (bytes(name) ?? otherwise);
  const factsMaxBytes = bytes('SIGNALBOX_FACTS_MAX_BYTES');
  const intakeBytes = bytes('SIGNALBOX_INTAKE_MAX_BYTES');
  const deadBytes = bytes('SIGNALBOX_DEAD_MAX_BYTES');
  const deadAgeMs = env['SIGNALBOX_DEAD_MAX_AGE'] ? duration('SIGNALBOX_DEAD_MAX_AGE', 0) : undefined;
  const activity = warnBytes('SIGNALBOX_ACTIVITY_WARN_BYTES', BOUNDS.activityWarnBytes);
  const journal = warnBytes('SIGNALBOX_JOURNAL_WARN_BYTES', BOUNDS.journalWarnBytes);
  const http = readHttpSettings(env, (text) => void mistakes.push(text));
  const oidc = readOidcSettings(env, (text) => void mistakes.push(text));
  const lb = readLbSettings(env, (text) => void mistakes.push(text));
  const stateDir = resolve(env['SIGNALBOX_STATE_DIR'] ?? '.signalbox');
  const sinks = readSinkSettings(env, stateDir, (text) => void mistakes.push(text));
  const plugins = readPluginSettings(env, (text) => void mistakes.push(text));
  const secretDir = resolve(env['SIGNALBOX_SECRET_DIR'] ?? resolve(stateDir, 'secrets'));
  const ingestUrl = env['INGEST_URL'];
  if (ingestUrl !== undefined && !URL.canParse(ingestUrl)) mistakes.push('INGEST_URL must be a URL');
  if (mistakes.length > 0) throw new Error(`the environment is not usable:\n  ${mistakes.join('\n  ')}`);
  return {
    nats,
    databaseUrl: database.url,
    ...(database.tls && { databaseTls: database.tls }),
    nodeName,
    stateDir,
    searchPath: env['PATH'] || SEARCH_PATH,
    caEnvironment: Object.fromEntries(CA_VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    pluginDirs: directories(env['SIGNALBOX_PLUGIN_DIRS'] ?? resolve(stateDir, 'plugins')),
    plugins,
    secretDir,
    secretDirs: directories(env['SIGNALBOX_SECRET_DIRS'] ?? secretDir),
    sourcesDir: resolve(env['SIGNALBOX_SOURCES_DIR'] ?? resolve(stateDir, 'sources')),
    httpHost: env['HTTP_HOST'] ?? '127.0.0.1',
    httpPort,
    http,
    ...(oidc && { oidc }),
    ...(ingestUrl !== undefined && { ingestUrl }),
    facts: { ...(maxAgeMs > 0 && { maxAgeMs }), ...(maxEvents > 0 && { maxEvents }) },
    ...(factsMaxBytes !== undefined && { factsMaxBytes }),
    streamBounds: {
      ...(intakeBytes !== undefined && { intakeBytes }),
      ...(deadBytes !== undefined && { deadBytes }),
      ...(deadAgeMs !== undefined && { deadAgeMs }),
    },
    warnBytes: { ...(activity !== undefined && { activity }), ...(journal !== undefined && { journal }) },
    sampleEveryMs,
    pruneEveryMs,
    ...(activityMaxAgeMs > 0 && { activityMaxAgeMs }),
    compactEveryMs,
    lb,
    sinks,
    traces: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('OTEL_'))),
    logLevel: logLevel ?? 'info',
  };
}

/** Of a list like PATH. */
function directories(list: string): string[] {
  return list
    .split(':')
    .filter(Boolean)
    .map((directory) => resolve(directory));
}

/** A host name made a DNS name: other characters become `-`, at most 63 a label; `signalbox` when nothing is left. */
export function toNodeName(host: string): string {
  const labels = host
    .split('.')
    .map((label) =>
      label
        .replace(/[^A-Za-z0-9-]/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 63)
        .replace(/-+$/, ''),
    )
    .filter(Boolean);
  return labels.join('.') || 'signalbox';
}
