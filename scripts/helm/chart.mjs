import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export const CHART = fileURLToPath(new URL('../../deploy/helm/signalbox', import.meta.url));
/** What Helm makes of the chart, kept so that tests can look at it without a Helm. */
export const RENDERED = fileURLToPath(new URL('../../test/golden/helm', import.meta.url));

/** Releases that are rendered: by name, what they are told beside the defaults. */
export const RELEASES = {
  defaults: [],
  everything: [
    'services.dataplane-agent.enabled=true',
    'secrets.existingSecret=site-secrets',
    'sources.existingSecret=site-sources',
    'nats.caSecret=site-nats-ca',
    'services.plugin-runner.pluginsConfigMap=site-plugins',
    'extraEnv.SIGNALBOX_FACTS_MAX_EVENTS=2000000',
    'services.health.env.LOG_LEVEL=debug',
    'imagePullSecrets[0].name=pull',
  ],
};

/** Stands for every file of the chart: what was rendered from another one is out of date. */
export function chartDigest() {
  const hash = createHash('sha256');
  for (const name of readdirSync(CHART, { recursive: true }).sort()) {
    const file = join(CHART, name);
    if (statSync(file).isFile()) hash.update(`${name}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}
