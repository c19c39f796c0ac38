import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './prepare.mjs';

/** Refuses while the site of this state directory runs. */
export async function lockDemoSite(stateDir) {
  const file = join(ROOT, 'dist', 'apps', 'standalone', 'src', 'state-lock.js');
  const { lockState } = await import(pathToFileURL(file).href);
  await lockState(stateDir);
}
