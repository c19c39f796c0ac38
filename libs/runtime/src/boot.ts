import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Bus, JetStreamServer } from '@signalbox/bus';
import { type ServiceName, SERVICES } from '@signalbox/contracts';
import { restoreTables, siteProjections } from '@signalbox/store';
import { Connections } from './connections.js';
import { EarlyParts } from './early-parts.js';
import { Health } from './health/health.js';
import { answerAtTheEdge } from './http/edge.js';
import { introduceServices } from './introduce-services.js';
import { ProblemFilter } from './http/problem.filter.js';
import { serverOptions } from './http/server-options.js';
import { createLog, type Log, nestLog } from './log.js';
import { Metrics } from './metrics.js';
import { RuntimeModule } from './runtime.module.js';
import type { Service } from './service.js';
import type { SiteConfig } from './site-config.js';
import { prepareStreams } from './site-streams.js';
import { startTracing } from './tracing/start-tracing.js';
import { usageAnswers } from './usage.js';

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

/**
 * Who is not asked for its usage as the others are: `api` asks them all and has no right to be asked, and there may be several
 * agents of nodes.
 */
const ANSWER_OTHERWISE: readonly ServiceName[] = ['api', 'dataplane-agent'];
/** How long a stop waits for requests in work; a connection that never sent one would keep it for a minute. */
const CLOSE_GRACE_MS = 3000;
/** How long a stop waits for what NATS was asked; one that hangs may keep each step of it for 5 s. Milliseconds. */
const NATS_GRACE_MS = 5000;

/**
 * Starts services in this process: connects to NATS and Postgres (waiting for them), refuses to start beside a running
 * instance of the same service, migrates, reconciles the streams that it keeps (waiting for the others), and listens:
 * on the port of the config, or where `otherPort` says when that one is taken. Early parts of services begin before.
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
  const tracing = await startTracing(config.traces ?? {}, config.nodeName, log);
  const connections = new Connections(services, config, log, signal);
  let early: EarlyParts | undefined;
  const closeAll = async (): Promise<void> => {
    await connections.close();
    await early?.stop();
    await tracing.stop();
  };
  try {
    const parts = services.flatMap((service) => service.early ?? []);
    early = await EarlyParts.start(parts, connections.alone, config, log);
    const { bus, store } = await connections.all;
    if (store) {
      await prepareStreams(bus, names, config.streamBounds, log, signal);
      const own = siteProjections([]).filter(({ owner }) => names.includes(owner));
      await restoreTables(bus, store.dataSource, own);
    }
    const { providers } = early;

    @Module({
      imports: [
        RuntimeModule.with({ config, bus, dataSource: store?.dataSource, log, tracing, providers }),
        ...services.map(({ module }) => module),
      ],
      controllers: SERVICES.filter((name) => names.includes(name) && !ANSWER_OTHERWISE.includes(name)).map(
        usageAnswers,
      ),
    })
    class ProcessModule {}

    const adapter = new FastifyAdapter(serverOptions(config.http));
    const app = await NestFactory.create<NestFastifyApplication>(ProcessModule, adapter, {
      logger: nestLog(log),
      abortOnError: false,
      bodyParser: false,
    });
    app.useGlobalFilters(new ProblemFilter(log, bus.outages));
    answerAtTheEdge(app, config.http);
    for (const { prepare } of services) prepare?.(app);
    const health = app.get(Health);
    health.register('nats', () => (bus.isUp ? undefined : 'not connected to NATS'));
    if (store)
      health.register('postgres', () => (store.link.presence.isUp ? undefined : 'not connected to Postgres'));
    health.register('readers', () => troublesOf(bus));
    showReadiness(health, app.get(Metrics));
    app.connectMicroservice({ strategy: app.get(JetStreamServer) });
    await app.init();
    await app.startAllMicroservices();
    const url = (await listen(app, config, otherPort)).replace('[::1]', '127.0.0.1');
    introduceServices(bus, names, config);
    log.info({ services: names, url }, 'started');
    const stop = async (): Promise<void> => {
      const timers = [
        setTimeout(() => app.getHttpServer().closeAllConnections(), CLOSE_GRACE_MS),
        setTimeout(() => void bus.cut(), NATS_GRACE_MS),
      ];
      await app.close();
      await closeAll();
      timers.forEach(clearTimeout);
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
