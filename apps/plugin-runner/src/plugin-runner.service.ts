import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ACK_WAIT_MS, Bus, JetStreamServer } from '@signalbox/bus';
import { type PluginSpec, STREAMS, SUBJECTS, subjectToken, type Watermark } from '@signalbox/contracts';
import { Health } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import { RUNS_HANDLER } from './runs.controller.js';
import { RunExecutor } from './run-executor.js';
import { SiteState } from './site-state.js';

/** Processes of one plugin at the same time (spec/plugins-and-config "Isolation"). */
const DEFAULT_PLUGIN_CONCURRENCY = 4;

/** Keeps one consumer of `RUNS` per declared plugin; its `max_ack_pending` bounds the plugin's processes. */
@Injectable()
export class PluginRunnerService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Plugin name → how many processes its consumer allows. */
  private readonly consumers = new Map<string, number>();
  private ready = false;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly server: JetStreamServer,
    private readonly state: SiteState,
    private readonly executor: RunExecutor,
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
    this.ready = true;
  }

  async onApplicationShutdown(): Promise<void> {
    this.executor.stop();
    await this.state.book.stop();
  }

  private async reconcile(): Promise<void> {
    const declared = new Map(
      this.state.book
        .all('Plugin')
        .map(({ resource }) => [resource.metadata.name, resource.spec as unknown as PluginSpec]),
    );
    for (const name of [...this.consumers.keys()]) {
      if (declared.has(name)) continue;
      this.consumers.delete(name);
      await this.server.unbind(durableOf(name));
    }
    for (const [name, spec] of declared) {
      const concurrency = spec.concurrency ?? DEFAULT_PLUGIN_CONCURRENCY;
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

function durableOf(plugin: string): string {
  return `runs-${subjectToken(plugin)}`;
}
