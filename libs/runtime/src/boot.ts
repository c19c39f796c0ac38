import 'reflect-metadata';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Bus, isInbox, JetStreamServer } from '@signalbox/bus';
import { SERVICES, SUBJECTS } from '@signalbox/contracts';
import { openStore, restoreTables, siteProjections } from '@signalbox/store';
import { Health } from './health/health.js';
import { createLog, type Log, nestLog } from './log.js';
import { Metrics } from './metrics.js';
import { ProblemFilter } from './problem.filter.js';
import { acceptBodies, BODY_LIMIT } from './request-bodies.js';
import { RuntimeModule } from './runtime.module.js';
import type { SiteConfig } from './site-config.js';
import { prepareStreams } from './site-streams.js';
import { usageAnswers } from './usage.js';

/** One service of Signalbox: its name and its Nest module. */
export interface Service {
  readonly name: string;
  readonly module: Type;
  /** Runs on the app before it listens: OpenAPI and the like. */
  readonly prepare?: (app: NestFastifyApplication) => void;
}

/** A running process. */
export interface RunningServices {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly log: Log;
  /** Drains everything; resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Which port to try after one that another program has taken. */
export type OtherPort = (taken: number) => Promise<number>;

const ALIVE_MS = 300;
/** Asks all others how much they keep, and has no right to be asked. */
const ASKER = 'api';
/** How long a stop waits for requests in work; a connection that never sent one would keep it for a minute. */
const CLOSE_GRACE_MS = 3000;

/**
 * Starts services in this process: connects to NATS and Postgres (waiting for them), migrates, reconciles the streams
 * that it keeps (waiting for the others), refuses to start beside a running instance of the same service, and listens:
 * on the port of the config, or where `otherPort` says when that one is taken.
 */
export async function boot(
  services: readonly Service[],
  config: SiteConfig,
  signal?: AbortSignal,
  otherPort?: OtherPort,
): Promise<RunningServices> {
  const log = createLog(config.logLevel);
  logUnhandledRejections(log);
  const names = services.map(({ name }) => name);
  // the next line comes when it listens: what keeps a start must not look like a process that never was
  log.info({ services: names, bootMs: Math.round(process.uptime() * 1000) }, 'starting');
  const waiting = signal ? { signal } : {};
  const [bus, { dataSource, link }] = await Promise.all([
    Bus.connect({ ...config.nats, name: nameOf(names), log, ...waiting }),
    openStore({ url: config.databaseUrl, log, ...waiting }),
  ]);
  const closeAll = async (): Promise<void> => {
    await bus.close();
    link.close();
    if (dataSource.isInitialized) await dataSource.destroy();
  };
  bus.outages.add('store-unavailable', (error) => link.explains(error));
  try {
    await refuseSecondInstance(bus, names);
    await prepareStreams(bus, names, config.streamBounds, log, signal);
    const own = siteProjections([]).filter(({ owner }) => names.includes(owner));
    await restoreTables(bus, dataSource, own);

    @Module({
      imports: [
        RuntimeModule.with({ config, bus, dataSource, log }),
        ...services.map(({ module }) => module),
      ],
      controllers: SERVICES.filter((name) => name !== ASKER && names.includes(name)).map(usageAnswers),
    })
    class ProcessModule {}

    const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT, routerOptions: { maxParamLength: 600 } });
    const app = await NestFactory.create<NestFastifyApplication>(ProcessModule, adapter, {
      logger: nestLog(log),
      abortOnError: false,
      bodyParser: false,
    });
    app.useGlobalFilters(new ProblemFilter(log, bus.outages));
    acceptBodies(app);
    for (const { prepare } of services) prepare?.(app);
    const health = app.get(Health);
    health.register('nats', () => (bus.isUp ? undefined : 'not connected to NATS'));
    health.register('postgres', () => (link.presence.isUp ? undefined : 'not connected to Postgres'));
    health.register('readers', () => troublesOf(bus));
    showReadiness(health, app.get(Metrics));
    app.connectMicroservice({ strategy: app.get(JetStreamServer) });
    await app.init();
    await app.startAllMicroservices();
    const url = (await listen(app, config, otherPort)).replace('[::1]', '127.0.0.1');
    log.info({ services: names, url }, 'started');
    const stop = async (): Promise<void> => {
      const late = setTimeout(() => app.getHttpServer().closeAllConnections(), CLOSE_GRACE_MS);
      await app.close();
      clearTimeout(late);
      await closeAll();
      log.info({ services: names }, 'stopped');
    };
    return { app, url, log, stop };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Nest's own listen logs an error before anyone can handle it, and cannot be asked twice. Returns the URL. */
async function listen(
  app: NestFastifyApplication,
  { httpPort, httpHost }: SiteConfig,
  otherPort: OtherPort | undefined,
): Promise<string> {
  const fastify = app.getHttpAdapter().getInstance();
  for (let port = httpPort; ;) {
    try {
      return await fastify.listen({ port, host: httpHost });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
      if (!otherPort)
        throw new Error(
          `port ${port} of ${httpHost} is busy: stop what listens there, or set HTTP_PORT to another one`,
          { cause },
        );
      port = await otherPort(port);
    }
  }
}

let isWatchingRejections = false;

/** A promise that nobody waits for must not end the process: what it was for is repeated or told by the records. */
function logUnhandledRejections(log: Log): void {
  if (isWatchingRejections) return;
  isWatchingRejections = true;
  process.on('unhandledRejection', (err) =>
    log.error({ err }, 'a rejection was not handled: this is a defect'),
  );
}

/** What `/readyz` says, for alerts. */
function showReadiness(health: Health, metrics: Metrics): void {
  const gauge = metrics.gauge('signalbox_ready', 'Whether a part of the process is ready: 1 or 0', ['part']);
  const collect = (): void => {
    for (const { name, ready } of health.report()) gauge.set({ part: name }, ready ? 1 : 0);
  };
  Object.assign(gauge, { collect });
}

/** Readers that do not read, or cannot handle what they read, with the reasons. */
function troublesOf({ troubles, readers }: Bus): string | undefined {
  const all = new Map(troubles);
  for (const { name, trouble } of readers)
    if (trouble !== undefined && !all.has(name)) all.set(name, trouble);
  if (all.size === 0) return undefined;
  return [...all].map(([name, reason]) => `${name}: ${reason}`).join('; ');
}

/** Of the connection, and of its inboxes: a service that runs alone has the rights of its own NATS user. */
function nameOf(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : 'site';
}

async function refuseSecondInstance(bus: Bus, names: readonly string[]): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const other = await bus.ask(SUBJECTS.alive(name), {}, ALIVE_MS);
      if (other !== undefined) throw new Error(`another ${name} already runs on this NATS: stop it first`);
      bus.connection.subscribe(SUBJECTS.alive(name), {
        callback: (_error, message) => {
          if (isInbox(message.reply)) message.respond('{"alive":true}');
        },
      });
    }),
  );
}
