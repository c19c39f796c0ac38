import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PLUGIN_API, type PluginSpec } from '@signalbox/contracts';
import { Health, PeriodicTask } from '@signalbox/runtime';
import { PluginChecks } from './plugin-checks.js';
import { PluginHost } from './plugin-host.js';
import { RunDesk } from './run-desk.js';
import { SiteState } from './site-state.js';
import { TriggeredRuns } from './triggered-runs.js';

/** How often the files of all plugins are looked at, so that an alarm ends when its cause does. Milliseconds. */
const RECHECK_MS = 30_000;

/** Starts the plugin-runner: operator resources, then the runs that are open. */
@Injectable()
export class PluginRunnerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private ready = false;
  private readonly recheck = new PeriodicTask(RECHECK_MS, () => this.checks.follow(this.declared()));

  constructor(
    private readonly state: SiteState,
    private readonly desk: RunDesk,
    private readonly plugins: PluginHost,
    private readonly checks: PluginChecks,
    private readonly triggered: TriggeredRuns,
    health: Health,
  ) {
    health.register('plugin-runner', () => (this.ready ? undefined : 'loading the plugins'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.state.book.load();
    await this.reconcile();
    this.state.book.follow(async (revision) => {
      await this.reconcile();
      this.state.changed();
      this.state.book.mark(revision);
    });
    await this.state.book.caughtUp();
    await this.desk.start();
    await this.triggered.start();
    this.recheck.start();
    this.ready = true;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.recheck.stop(), this.plugins.stop(), this.desk.stop(), this.triggered.stop()]);
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
    this.desk.keep(declared);
    this.triggered.follow();
  }
}
