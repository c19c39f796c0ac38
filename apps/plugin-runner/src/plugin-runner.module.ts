import { Module } from '@nestjs/common';
import { LOG, type Log, Metrics, type Service, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { ChecksController } from './checks.controller.js';
import { CONTAINMENT, findContainment, type Containment } from './execution/containment/containment.js';
import { PluginPools } from './execution/persistent/plugin-pools.js';
import { ExecutionLog } from './execution-log.js';
import { PluginChecks } from './plugin-checks.js';
import { PluginHost } from './plugin-host.js';
import { PluginRunnerService } from './plugin-runner.service.js';
import { RunByHandController } from './run-by-hand.controller.js';
import { RunExecutor } from './run-executor.js';
import { RunDesk } from './run-desk.js';
import { SiteState } from './site-state.js';
import { TriggeredRuns } from './triggered-runs.js';
import { PluginRunnerUsage } from './plugin-runner-usage.js';

@Module({
  controllers: [ChecksController, RunByHandController],
  providers: [
    PluginRunnerService,
    PluginHost,
    PluginChecks,
    RunExecutor,
    RunDesk,
    ExecutionLog,
    TriggeredRuns,
    SiteState,
    PluginRunnerUsage,
    { provide: CONTAINMENT, useFactory: containmentHere, inject: [SITE_CONFIG, LOG] },
    { provide: PluginPools, useFactory: countedPools, inject: [Metrics] },
  ],
})
export class PluginRunnerModule {}

/** What this machine has to contain plugins with, told in one line of the log. */
async function containmentHere(config: SiteConfig, log: Log): Promise<Containment> {
  const { plugins: settings, searchPath, pluginDirs, stateDir, secretDir, secretDirs, sourcesDir } = config;
  const hidden = [...new Set([stateDir, secretDir, ...secretDirs, sourcesDir])];
  const containment = await findContainment({ settings, searchPath, pluginDirs, hidden });
  const { mode, sandbox, fault, user, controlGroups } = containment;
  log
    .child({ service: 'plugin-runner' })
    [fault !== undefined && mode !== 'off' ? 'warn' : 'info'](
      { mode, ...(fault !== undefined && { fault }), user: user?.name, controlGroups },
      sandbox && mode !== 'off' ? 'plugins run in a sandbox' : 'plugins run without a sandbox',
    );
  return containment;
}

function countedPools(metrics: Metrics): PluginPools {
  const ended = metrics.counter(
    'signalbox_plugin_processes_ended_total',
    'Persistent plugin processes that ended, by reason',
    ['plugin', 'reason'],
  );
  return new PluginPools({ onEnded: (plugin, reason) => ended.inc({ plugin, reason }) });
}

export const PLUGIN_RUNNER: Service = { name: 'plugin-runner', module: PluginRunnerModule };
