import { runMain } from '@signalbox/runtime';
import { MATCHER } from './matcher.module.js';

await runMain([MATCHER]);
