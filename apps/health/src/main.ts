import { runMain } from '@signalbox/runtime';
import { HEALTH } from './health.module.js';

await runMain([HEALTH]);
