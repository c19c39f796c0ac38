import { productManifest } from '@signalbox/contracts';

/** How probes name themselves. */
export const USER_AGENT = `signalbox/${productManifest().version} (health check)`;
