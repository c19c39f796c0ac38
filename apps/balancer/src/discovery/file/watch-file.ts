import { DirectoryWatch } from '@signalbox/runtime';
import type { StartWatch } from '../source-watch.js';
import { FileWatch } from './file-watch.js';
import { SourceFile } from './source-file.js';

/** Watches a source of the way `file`. spec/balance "Discovery", ADR 0028. */
export const watchFile: StartWatch = (source, surroundings) => {
  const file = new SourceFile(surroundings.directory, source.spec.file?.path ?? '');
  return new FileWatch(source, surroundings, file, (changed) => new DirectoryWatch(changed));
};
