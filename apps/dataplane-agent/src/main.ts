import { runMain } from '@signalbox/runtime';
import { DATAPLANE_AGENT } from './agent.module.js';

await runMain([DATAPLANE_AGENT]);
