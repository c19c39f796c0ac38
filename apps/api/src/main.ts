import { runMain } from '@signalbox/runtime';
import { API } from './api.module.js';

await runMain([API]);
