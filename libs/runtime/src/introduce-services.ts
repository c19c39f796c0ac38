import { type Bus, ServiceAnswers } from '@signalbox/bus';
import { formatTime, productManifest, SERVICE_WORK, type ServiceName, SERVICES } from '@signalbox/contracts';
import type { SiteConfig } from './site-config.js';

/** From now on `nats micro ls`, `info`, `stats` and `ping` show the services of this process ({@link ServiceAnswers}). */
export function introduceServices(bus: Bus, names: readonly string[], config: SiteConfig): void {
  const { version } = productManifest();
  const started = formatTime(Date.now());
  for (const name of SERVICES.filter((one) => names.includes(one))) {
    const identity = {
      name,
      version,
      description: SERVICE_WORK[name],
      metadata: metadataOf(name, bus, config),
    };
    new ServiceAnswers(bus, identity, started).start();
  }
}

/** `process`: what its connection to NATS is called; all services in one process have one. */
function metadataOf(name: ServiceName, bus: Bus, { nodeName, lb }: SiteConfig): Record<string, string> {
  return { site: nodeName, process: bus.name, ...(name === 'dataplane-agent' && { node: lb.node }) };
}
