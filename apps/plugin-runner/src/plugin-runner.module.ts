import { Module } from '@nestjs/common';
import { Metrics, type Service } from '@signalbox/runtime';
import { ChecksController } from './checks.controller.js';
import { PluginPools } from './execution/persistent/plugin-pools.js';
import { PluginChecks } from './plugin-checks.js';
import { PluginHost } from './plugin-host.js';
import { PluginRunnerService } from './plugin-runner.service.js';
import { RunExecutor } from './run-executor.js';
import { RunDesk } from './run-desk.js';
import { SiteState } from './site-state.js';
import { PluginRunnerUsage } from './plugin-runner-usage.js';

@Module({
  controllers: [ChecksController],
  providers: [
    PluginRunnerService,
    PluginHost,
    PluginChecks,
    RunExecutor,
    RunDesk,
    SiteState,
    PluginRunnerUsage,
    { provide: PluginPools, useFactory: countedPools, inject: [Metrics] },
  ],
})
export class PluginRunnerModule {}

function countedPools(metrics: Metrics): PluginPools {
  const ended = metrics.counter(
    'signalbox_plugin_processes_ended_total',
    'Persistent plugin processes that ended, by reason',
    ['plugin', 'reason'],
  );
  return new PluginPools({ onEnded: (plugin, reason) => ended.inc({ plugin, reason }) });
}

export const PLUGIN_RUNNER: Service = { name: 'plugin-runner', module: PluginRunnerModule };
