import { LocalProber } from './local-prober.js';
import { serveProbes } from './serve-probes.js';

// The service stops us by the end of stdin. A signal to its whole group must not make its last probes fail.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

await serveProbes(new LocalProber({ searchPath: process.env['PATH'] }), process.stdin, process.stdout);
process.exit(0);
