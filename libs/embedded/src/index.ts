export type { EmbeddedOptions, EmbeddedServer } from './embedded-server.js';
export { freePort, isPortFree } from './free-port.js';
export { findNatsBinary, type NatsBinaryOptions } from './nats-binary.js';
export { type NatsOptions, startNats } from './nats.js';
export { LOG_LIMIT_BYTES } from './server-log.js';
export { startPostgres } from './postgres.js';
export { isAlive } from './process-table.js';
export { type ServiceOptions, settleServices, startService } from './service.js';
export { ensureSiteKeys, type SiteKeysOptions } from './site-keys.js';
