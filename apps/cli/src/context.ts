import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { contextsPath, readContextJson, readContexts, type StoredContext } from './contexts-file.js';
import { EXIT } from './exit-codes.js';
import { Failure, usageFailure } from './failure.js';

/** The site a command speaks to, and where that was said. */
export interface Site extends StoredContext {
  readonly name: string;
  /** For people: the file, flag or variable that named it. */
  readonly from: string;
  /** Whether it is the one that `context use` chose. */
  readonly isStoredChoice?: boolean;
}

/** The global flags that name a site. */
export interface SiteFlags {
  readonly context?: string;
  readonly url?: string;
  readonly token?: string;
}

/** Where contexts are looked for. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly checkoutDir: string;
}

const OWN_FILE = join('.signalbox', 'context.json');

/**
 * The site to speak to: `--url`, else `--context`, else SIGNALBOX_URL, else SIGNALBOX_CONTEXT, else the stored context
 * that `context use` chose, else the context file of this directory, a parent or the checkout. `--token` and
 * SIGNALBOX_TOKEN replace a token, but a variable never goes to a site that a flag names: it may be another's.
 */
export function findSite(flags: SiteFlags, around: Surroundings, warn: (text: string) => void): Site {
  const { env } = around;
  const envToken = env['SIGNALBOX_TOKEN'] || undefined;
  if (flags.url !== undefined)
    return checked({
      name: '-',
      url: flags.url,
      token: flags.token ?? envToken ?? '',
      from: '--url',
    });
  if (flags.context !== undefined) {
    const site = namedContext(flags.context, around, warn);
    return { ...site, token: flags.token ?? site.token };
  }
  const token = flags.token ?? envToken;
  if (env['SIGNALBOX_URL'])
    return checked({ name: '-', url: env['SIGNALBOX_URL'], token: token ?? '', from: 'SIGNALBOX_URL' });
  const site = foundContext(around, warn);
  return { ...site, token: token ?? site.token };
}

/** `--context`: a file, a directory with a context.json, or the name of a stored context. */
function namedContext(pathOrName: string, around: Surroundings, warn: (text: string) => void): Site {
  if (/[/\\]|\.json$|^\.+$/.test(pathOrName)) {
    const path = resolve(around.cwd, pathOrName);
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'context.json') : path;
    return readContextFile(file, warn) ?? fail([`${file} (--context)`]);
  }
  const path = contextsPath(around.home);
  const { contexts } = readContexts(path, warn);
  const stored = Object.hasOwn(contexts, pathOrName) ? contexts[pathOrName] : undefined;
  if (!stored) return fail([`the context "${pathOrName}" of ${path} (--context)`]);
  return checked({ ...stored, name: pathOrName, from: path });
}

function foundContext(around: Surroundings, warn: (text: string) => void): Site {
  const { env, cwd } = around;
  if (env['SIGNALBOX_CONTEXT']) {
    const path = resolve(cwd, env['SIGNALBOX_CONTEXT']);
    return readContextFile(path, warn) ?? fail([`${path} (SIGNALBOX_CONTEXT)`]);
  }
  const path = contextsPath(around.home);
  const { current, contexts } = readContexts(path, warn);
  const stored = current !== undefined && Object.hasOwn(contexts, current) ? contexts[current] : undefined;
  if (stored && current !== undefined)
    return checked({ ...stored, name: current, from: path, isStoredChoice: true });
  for (const file of ownFiles(around)) {
    const site = readContextFile(file, warn);
    if (site) return site;
  }
  return fail([
    '--context, --url, SIGNALBOX_URL, SIGNALBOX_CONTEXT (not given)',
    `${path} (no context chosen)`,
    `${join(cwd, OWN_FILE)} and the same in every parent directory`,
    join(around.checkoutDir, OWN_FILE),
  ]);
}

/** Context files that a site writes: of this directory and its parents, then of the checkout. */
export function ownFiles({ cwd, checkoutDir }: Surroundings): string[] {
  const files: string[] = [];
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    files.push(join(dir, OWN_FILE));
    if (dir === dirname(dir)) break;
  }
  return [...new Set([...files, join(checkoutDir, OWN_FILE)])];
}

function readContextFile(path: string, warn: (text: string) => void): Site | undefined {
  if (!existsSync(path)) return undefined;
  warnWhenOpen(path, warn);
  const stored = parseContext(path);
  if (stored.url === '')
    throw new Failure('not-ready', `${path} has no url yet: its site is still starting`, EXIT.unreachable);
  return checked({ ...stored, name: stored.name ?? '-', from: path });
}

function parseContext(path: string): StoredContext & { readonly name?: string } {
  const { name, url, token, pluginDir, secretDir, siteId } = readContextJson(path) as Record<string, unknown>;
  const wrong = Object.entries({ name, url, token, pluginDir, secretDir, siteId }).filter(
    ([key, member]) => typeof member !== 'string' && (member !== undefined || key === 'url'),
  );
  if (wrong.length > 0)
    throw new Failure('bad-context', `${path} is not a context`, EXIT.failure, {
      errors: wrong.map(([key]) => ({ pointer: `/${key}`, message: 'must be a string' })),
      next: `correct ${path}`,
    });
  return { name, url, token: token ?? '', pluginDir, secretDir, siteId } as StoredContext & { name?: string };
}

/** Warns when others than the owner may read a file that holds a token. */
export function warnWhenOpen(path: string, warn: (text: string) => void): void {
  if ((statSync(path).mode & 0o044) !== 0) warn(`${path} holds a token and others can read it: chmod 600 it`);
}

function checked(site: Site): Site {
  if (!URL.canParse(site.url) || !/^https?:$/.test(new URL(site.url).protocol))
    throw usageFailure(`${site.from}: "${site.url}" is not an http:// or https:// URL`);
  return { ...site, url: site.url.replace(/\/+$/, '') };
}

function fail(lookedFor: readonly string[]): never {
  throw new Failure(
    'no-context',
    `no site to speak to; looked for\n${lookedFor.map((place) => `  - ${place}`).join('\n')}`,
    EXIT.unreachable,
  );
}
