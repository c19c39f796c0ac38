import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from './exit-codes.js';
import { Failure } from './failure.js';

/** How to reach one site. `pluginDir` and `secretDir` fill `${pluginDir}` and `${secretDir}` of applied files. */
export interface StoredContext {
  readonly url: string;
  readonly token: string;
  readonly pluginDir?: string;
  readonly secretDir?: string;
  /** Who the token is for: it is sent to no other site. */
  readonly siteId?: string;
}

/** `~/.config/signalbox/contexts.json`. */
export interface StoredContexts {
  readonly current?: string;
  readonly contexts: Readonly<Record<string, StoredContext>>;
}

/** Where a person's own contexts are kept. */
export function contextsPath(home: string): string {
  return join(home, '.config', 'signalbox', 'contexts.json');
}

/** The stored contexts; none when there is no file. */
export function readContexts(path: string, warn: (text: string) => void): StoredContexts {
  if (!existsSync(path)) return { contexts: {} };
  if ((statSync(path).mode & 0o044) !== 0) warn(`${path} holds tokens and others can read it: chmod 600 it`);
  const { current, contexts } = readContextJson(path) as Partial<StoredContexts>;
  return { ...(current !== undefined && { current }), contexts: contexts ?? {} };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a file that holds tokens; bytes that are not UTF-8 are no JSON, because decoding would change a token. */
export function readContextJson(path: string): unknown {
  try {
    return Object(JSON.parse(UTF8.decode(readFileSync(path))));
  } catch (cause) {
    throw new Failure('bad-context', `${path} is not JSON in UTF-8`, EXIT.failure, {
      cause,
      next: `correct ${path}`,
    });
  }
}

/** Replaces the file as a whole, readable by its owner only. */
export function writeContexts(path: string, contexts: StoredContexts): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}
