import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ACK_WAIT_MS, Bus, JetStreamServer } from '@signalbox/bus';
import {
  PLUGIN_API,
  type PluginSpec,
  STREAMS,
  SUBJECTS,
  subjectToken,
  type Watermark,
} from '@signalbox/contracts';
import { Health } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import { PROCESS_LIMITS } from './execution/limits.js';
import { PluginChecks } from './plugin-checks.js';
import { PluginHost } from './plugin-host.js';
import { RUNS_HANDLER } from './runs.controller.js';
import { SiteState } from './site-state.js';

/** Keeps one consumer of `RUNS` per declared plugin; its `max_ack_pending` bounds the plugin's runs in work. */
@Injectable()
export class PluginRunnerService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Plugin name → how many processes its consumer allows. */
  private readonly consumers = new Map<string, number>();
  private ready = false;
  private recheck: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly server: JetStreamServer,
    private readonly state: SiteState,
    private readonly plugins: PluginHost,
    private readonly checks: PluginChecks,
    health: Health,
  ) {
    health.register('plugin-runner', () => (this.ready ? undefined : 'loading the plugins'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.state.book.load(this.bus, this.dataSource);
    await this.reconcile();
    this.state.book.follow(this.bus, async (revision) => {
      await this.reconcile();
      const mark: Watermark = { service: 'plugin-runner', stream: STREAMS.journal, seq: revision };
      this.bus.tell(SUBJECTS.watermark('plugin-runner'), mark);
    });
    await this.state.book.caughtUp();
    this.recheck = setInterval(() => void this.checks.follow(this.declared()), RECHECK_MS).unref();
    this.ready = true;
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.recheck);
    await this.plugins.stop();
    await this.state.book.stop();
  }

  private declared(): Map<string, PluginSpec> {
    return new Map(
      this.state.book
        .ofKind(PLUGIN_API, 'Plugin')
        .map(({ resource }) => [resource.metadata.name, resource.spec as unknown as PluginSpec]),
    );
  }

  private async reconcile(): Promise<void> {
    const declared = this.declared();
    await this.checks.follow(declared);
    this.plugins.keep(declared);
    for (const name of [...this.consumers.keys()]) {
      if (declared.has(name)) continue;
      this.consumers.delete(name);
      // not awaited: a plugin that hangs must not hold up the others
      void this.server.unbind(durableOf(name));
    }
    for (const [name, spec] of declared) {
      const concurrency = spec.concurrency ?? PROCESS_LIMITS.concurrency;
      if (this.consumers.get(name) === concurrency) continue;
      await this.server.bind({
        handler: RUNS_HANDLER,
        service: 'plugin-runner',
        stream: STREAMS.runs,
        durable: durableOf(name),
        filter: SUBJECTS.runsOf(name),
        concurrency,
        ackWaitMs: ACK_WAIT_MS,
      });
      this.consumers.set(name, concurrency);
    }
  }
}

/** How often the files of all plugins are looked at, so that an alarm ends when its cause does. Milliseconds. */
const RECHECK_MS = 30_000;

function durableOf(plugin: string): string {
  return `runs-${subjectToken(plugin)}`;
}
