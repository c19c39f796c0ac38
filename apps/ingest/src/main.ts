import { runMain } from '@signalbox/runtime';
import { INGEST } from './ingest.module.js';

await runMain([INGEST]);
