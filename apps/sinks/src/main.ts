import { runMain } from '@signalbox/runtime';
import { SINKS } from './sinks.module.js';

await runMain([SINKS]);
