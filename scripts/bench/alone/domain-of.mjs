import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../prepare.mjs';

/** A built file of ours, `apps/<app>/src/domain/…` for instance. */
export function built(path) {
  return import(pathToFileURL(join(ROOT, 'dist', path)).href);
}

/** Answers questions until the parent is gone. */
export function answer(work) {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question) => process.send(work(question)));
  process.send({ ready: true });
}
