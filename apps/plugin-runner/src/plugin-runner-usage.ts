import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { rememberedDigests } from './execution/file-digest.js';
import { PluginPools } from './execution/persistent/plugin-pools.js';
import { RunDesk } from './run-desk.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class PluginRunnerUsage {
  constructor(desk: RunDesk, pools: PluginPools, usage: Usage) {
    usage.measure({
      'digests of plugins': rememberedDigests,
      'runs in line': () => desk.size,
      'runs that wait for a process': () => pools.mostWaiting,
    });
  }
}
