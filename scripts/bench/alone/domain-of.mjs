import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../prepare.mjs';

/** A built file of ours, `apps/<app>/src/domain/…` for instance. */
export function built(path) {
  return import(pathToFileURL(join(ROOT, 'dist', path)).href);
}

/** Answers questions until the parent is gone; then does what is left to do. */
export function answer(work, end = () => undefined) {
  process.on('disconnect', async () => {
    await end();
    process.exit(0);
  });
  process.on('message', async (question) => process.send(await work(question)));
  process.send({ ready: true });
}
