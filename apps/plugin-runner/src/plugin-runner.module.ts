import { Module } from '@nestjs/common';
import type { Service } from '@signalbox/runtime';
import { PluginRunnerService } from './plugin-runner.service.js';
import { RunExecutor } from './run-executor.js';
import { RunHistory } from './run-history.js';
import { RunsController } from './runs.controller.js';
import { SiteState } from './site-state.js';

@Module({
  controllers: [RunsController],
  providers: [PluginRunnerService, RunExecutor, RunHistory, SiteState],
})
export class PluginRunnerModule {}

export const PLUGIN_RUNNER: Service = { name: 'plugin-runner', module: PluginRunnerModule };
