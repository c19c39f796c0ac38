import { Bus } from '@signalbox/bus';
import { openStore, type Store } from '@signalbox/store';
import type { Log } from './log.js';
import { refuseSecondInstance } from './second-instance.js';
import { areWithoutStore, type Service } from './service.js';
import type { SiteConfig } from './site-config.js';

/** What the services of a process work with. */
export interface Connected {
  readonly bus: Bus;
  /** Absent where no service has anything in Postgres. */
  readonly store: Store | undefined;
}

/** The connections of a process: to NATS, and to Postgres where a service of it needs that. */
export class Connections {
  /** Resolves when NATS is there and no other instance of a service answers; rejects when one does. */
  readonly alone: Promise<Bus>;
  /** Resolves when everything is there; rejects, after everything was settled, with what went wrong first. */
  readonly all: Promise<Connected>;
  private readonly failed = new AbortController();
  private bus: Bus | undefined;
  private store: Store | undefined;

  /** Begins to connect, and waits for servers that are away until `signal` ends it. */
  constructor(
    private readonly services: readonly Service[],
    private readonly config: SiteConfig,
    private readonly log: Log,
    signal?: AbortSignal,
  ) {
    const ended = signal ? AbortSignal.any([signal, this.failed.signal]) : this.failed.signal;
    this.alone = this.connect(ended);
    this.all = this.allOf(this.alone, areWithoutStore(services) ? undefined : this.open(ended));
    this.all.catch(() => undefined); // it is asked for later
  }

  /** Closes what was opened, and ends what is still being opened. */
  async close(): Promise<void> {
    this.failed.abort();
    await this.all.catch(() => undefined);
    await this.bus?.close();
    this.store?.link.close();
    if (this.store?.dataSource.isInitialized) await this.store.dataSource.destroy();
  }

  private async connect(signal: AbortSignal): Promise<Bus> {
    const { config, log, services } = this;
    const bus = await Bus.connect({ ...config.nats, name: nameOf(services), log, signal });
    this.bus = bus;
    await refuseSecondInstance(bus, services, config);
    return bus;
  }

  private async open(signal: AbortSignal): Promise<Store> {
    const { databaseUrl: url, databaseTls: tls } = this.config;
    this.store = await openStore({ url, ...(tls && { tls }), log: this.log, signal });
    return this.store;
  }

  /** One that fails ends the others, whose errors only say so. */
  private async allOf(bus: Promise<Bus>, store: Promise<Store> | undefined): Promise<Connected> {
    let firstError: unknown;
    const endOthers = (error: unknown): undefined => {
      firstError ??= error;
      this.failed.abort();
    };
    const opening = store?.catch(endOthers);
    const connected = await bus.catch(endOthers);
    const opened = await opening;
    if (firstError !== undefined || !connected) throw firstError;
    if (opened) {
      const { link } = opened;
      connected.outages.add('store-unavailable', (error) => link.explains(error), link.presence);
    }
    return { bus: connected, store: opened };
  }
}

/** Of the connection, and of its inboxes: a service that runs alone has the rights of its own NATS user. */
function nameOf(services: readonly Service[]): string {
  return services.length === 1 ? services[0]!.name : 'site';
}
