import { runMain } from '@signalbox/runtime';
import { BALANCER } from './balancer.module.js';

await runMain([BALANCER]);
