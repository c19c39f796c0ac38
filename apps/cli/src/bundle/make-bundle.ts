import { open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { toFailure } from '../failure.js';
import { sizeText } from '../output/size.js';
import { pathOf, type RestClient } from '../rest-client.js';
import type { Page } from '../rest/answers.js';
import type { Session } from '../session.js';
import { scrubResource, scrubText } from './scrub.js';
import { tarOf } from './tar.js';

/** Bounds of a bundle: bytes of each log from its end, logs, resources. */
const MOST = { logBytes: 1024 * 1024, logs: 30, resources: 10_000 } as const;

/** What is asked of the site, by the name of its file. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'doctor.json': ['doctor'],
  'status.json': ['status'],
  'vitals.json': ['vitals'],
  'storage.json': ['storage'],
  'alarms.json': ['alarms'],
  'projections.json': ['projections'],
  'dead-letters.json': ['dead-letters'],
  'runs.json': ['runs'],
  'deliveries.json': ['deliveries'],
  'nodes.json': ['nodes'],
};

/** Writes the file; what cannot be had is named in it, and keeps nothing else out. */
export async function makeBundle(session: Session, out: string | undefined): Promise<void> {
  const { terminal, client, site } = session;
  const at = new Date(terminal.nowMs()).toISOString();
  const missing: string[] = [];
  const files = new Map<string, string>();
  const take = async (name: string, look: () => Promise<string>): Promise<void> => {
    try {
      files.set(name, await look());
    } catch (error) {
      missing.push(`${name}: ${toFailure(error).message}`);
    }
  };
  for (const [name, path] of Object.entries(ANSWERS))
    await take(name, async () => {
      const query = name === 'doctor.json' ? { plan: true } : {};
      return json(scrubResource(await client.call<unknown>(pathOf(...path), { query })));
    });
  await take('resources.json', async () => json(scrubResource(await allResources(client))));
  for (const [name, text] of await logsBeside(site.from, missing)) files.set(`logs/${name}`, text);
  const { version } = terminal;
  files.set('about.json', json({ at, version, node: process.version, platform: process.platform, missing }));
  const known = [site.token, terminal.env['SIGNALBOX_TOKEN'] ?? ''];
  const entries = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => ({
      name: `signalbox-support/${name}`,
      data: Buffer.from(scrubText(text, known)),
    }));
  const archive = gzipSync(tarOf(entries, Date.parse(at) / 1000));
  const path = resolve(terminal.cwd, out ?? `signalbox-support-${at.replaceAll(/[:.]/g, '-')}.tar.gz`);
  await writeFile(path, archive, { mode: 0o600, flag: 'wx' });
  for (const one of missing) session.warn(`not in it: ${one}`);
  session.print(`${path}: ${entries.length} files, ${sizeText(archive.byteLength)}\n`);
  session.note('secrets were taken out; look into it before you give it away');
}

async function allResources(client: RestClient): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let after: string | undefined;
  do {
    const page = await client.call<Page<unknown>>(pathOf('resources'), { query: { limit: 1000, after } });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined && items.length < MOST.resources);
  return items;
}

/** The ends of the logs of a site of this machine, which stand beside its context file. */
async function logsBeside(from: string, missing: string[]): Promise<[string, string][]> {
  const dir = join(dirname(from), 'log');
  try {
    const names = (await readdir(dir)).sort().slice(0, MOST.logs);
    return await Promise.all(
      names.map(async (name): Promise<[string, string]> => [name, await endOf(join(dir, name))]),
    );
  } catch {
    missing.push('logs: they are not on this machine, or not readable');
    return [];
  }
}

async function endOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MOST.logBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
