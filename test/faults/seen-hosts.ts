import type { Site } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { seenHost } from '../e2e/test-plugins.js';
import { SEEN } from './fact-load.js';

/** The subscription of {@link subscribeSeenHosts}. */
export const SEEN_HOSTS = 'seen-hosts';

/**
 * Declares that each fact of the type that matches becomes a part. The plugin is native, because starting Node 300 times
 * takes longer than all the rest, and slow enough to be met by a crash.
 */
export async function subscribeSeenHosts(site: Site): Promise<void> {
  const executable = await site.addPlugin('seen-host', seenHost({ first: 'sleep 0.1' }));
  const retry = { maxAttempts: 50, backoff: '50ms', maxBackoff: '200ms' };
  await site.apply(
    manifest(plugin('seen-host', executable), subscription(SEEN_HOSTS, SEEN, 'seen-host', { retry })),
  );
}
