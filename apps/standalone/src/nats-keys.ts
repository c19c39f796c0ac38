import { join, resolve } from 'node:path';
import { ensureSiteKeys } from '@signalbox/embedded';

/** What the processes of a site prove themselves with to NATS. */
export interface NatsKeys {
  readonly dir: string;
  /** The seed of a NATS user. */
  seedFile(user: string): string;
}

/**
 * The keys that services log in with: those of NATS_KEYS_DIR; else, for an embedded NATS, keys of the site's own.
 * Undefined for a NATS of the operator's that lets anyone in.
 */
export function natsKeys(stateDir: string, env: NodeJS.ProcessEnv): NatsKeys | undefined {
  const given = env['NATS_KEYS_DIR'];
  if (!given && env['NATS_URL']) return undefined;
  const dir = given ? resolve(given) : join(stateDir, 'keys');
  return { dir, seedFile: (user) => join(dir, user, 'nats.seed') };
}

/** Makes what is missing of the keys; returns the users file for an embedded NATS. */
export function prepareUsers({ dir }: NatsKeys, checkout: string): string {
  ensureSiteKeys({ dir, usersFile: join(checkout, 'deploy', 'nats', 'users.conf') });
  return join(dir, 'nats', 'users.conf');
}
