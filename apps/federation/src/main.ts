import { runMain } from '@signalbox/runtime';
import { FEDERATION } from './federation.module.js';

await runMain([FEDERATION]);
