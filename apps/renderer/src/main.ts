import { runMain } from '@signalbox/runtime';
import { RENDERER } from './renderer.module.js';

await runMain([RENDERER]);
