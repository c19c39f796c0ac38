import { runMain } from '@signalbox/runtime';
import { PLUGIN_RUNNER } from './plugin-runner.module.js';

await runMain([PLUGIN_RUNNER]);
