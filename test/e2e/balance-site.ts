import { BALANCE_API, type BackendCommand, type BackendState, type Resource } from '@signalbox/contracts';
import { type RawNats, type Site, until } from '@signalbox/testing';
import type {
  BackendDetail,
  BackendOutcome,
  FrontendItem,
  TransitionItem,
} from '../../apps/cli/src/rest/answers.js';
import { manifest, resource } from './manifests.js';

export type { BackendDetail, FrontendItem, TransitionItem } from '../../apps/cli/src/rest/answers.js';

/** Owns what {@link applyWorld} applies. */
const WORLD = 'world';

/** A check of web servers that comes to a verdict within a few hundred milliseconds. */
export function webCheck(port: number, change: object = {}): Resource {
  const quick = { type: 'http', port, interval: '100ms', timeout: '1s', rise: 2, fall: 2 };
  return resource(BALANCE_API, 'HealthCheck', 'web', { ...quick, ...change });
}

/** A backend; static unless `change` names a check. */
export function backend(name: string, address: string, change: object = {}): Resource {
  return resource(BALANCE_API, 'Backend', name, { address, ...change });
}

/** A frontend of pools: pool → backend → weight. */
export function frontend(
  name: string,
  pools: Readonly<Record<string, Readonly<Record<string, number>>>>,
  change: object = {},
): Resource {
  return resource(BALANCE_API, 'Frontend', name, {
    address: '192.0.2.1',
    pools: Object.entries(pools).map(([pool, members]) => ({
      name: pool,
      backends: Object.fromEntries(
        Object.entries(members).map(([member, weight]) => [member, { weight }] as const),
      ),
    })),
    ...change,
  });
}

/** Makes these all the resources of health checking that there are; fails unless everything followed. */
export async function applyWorld(site: Site, ...world: readonly Resource[]): Promise<void> {
  const { status, body } = await site.rest('POST', `/v1/apply?wait=60s&set=${WORLD}`, manifest(...world));
  if (status !== 200) throw new Error(`apply answered ${status}: ${JSON.stringify(body)}`);
}

export function findBackend(site: Site, name: string): Promise<BackendDetail> {
  return read<BackendDetail>(site, `/v1/backends/${name}`);
}

export function findFrontend(site: Site, name: string): Promise<FrontendItem> {
  return read<FrontendItem>(site, `/v1/frontends/${name}`);
}

/** Its whole history, newest first. */
export function transitionsOf(site: Site, name: string): Promise<TransitionItem[]> {
  return site.all<TransitionItem>(`/v1/backends/${name}/transitions`);
}

/** `from -> to code`, oldest first. */
export function historyOf(transitions: readonly TransitionItem[]): readonly string[] {
  return transitions.map(({ from, to, result }) => `${from ?? 'new'} -> ${to} ${result.code}`).reverse();
}

/** Effective weight of each backend of a frontend. */
export async function weightsOf(site: Site, name: string): Promise<Record<string, number>> {
  const { pools } = await findFrontend(site, name);
  return Object.fromEntries(
    pools.flatMap(({ backends }) => backends.map((target) => [target.name, target.effective] as const)),
  );
}

/** Waits for a state. */
export function becomes(site: Site, name: string, state: BackendState): Promise<BackendDetail> {
  return until(`${name} to be ${state}`, async () => {
    const found = await findBackend(site, name);
    return found.state === state && found;
  });
}

/** Waits until the effective weights are exactly these. */
export async function weighs(
  site: Site,
  name: string,
  weights: Readonly<Record<string, number>>,
): Promise<void> {
  const wanted = JSON.stringify(weights);
  await until(
    `${name} to weigh ${wanted}`,
    async () => JSON.stringify(await weightsOf(site, name)) === wanted,
  );
}

/** An operator command over REST; fails unless everything followed. */
export async function command(
  site: Site,
  name: string,
  verb: BackendCommand,
  reason?: string,
): Promise<BackendDetail> {
  const path = `/v1/backends/${name}/${verb}`;
  const { status, body } = await site.rest<BackendOutcome>('POST', path, { reason });
  if (status !== 200) throw new Error(`${verb} of ${name} answered ${status}: ${JSON.stringify(body)}`);
  const { changed: _changed, ...backendNow } = body;
  return backendNow;
}

/** Sequence in ACTIVITY of the newest record under a subject, 0 when there is none: seen with the eyes of a stranger. */
export async function newestRecord(nats: RawNats, subject: string): Promise<number> {
  return (await lastMessage(nats, subject))?.seq ?? 0;
}

/** The newest record under a subject. */
export async function readRecord<T>(nats: RawNats, subject: string): Promise<T> {
  const message = await lastMessage(nats, subject);
  if (!message) throw new Error(`there is no record of ${subject}`);
  return JSON.parse(Buffer.from(message.data, 'base64').toString()) as T;
}

interface StoredMessage {
  readonly seq: number;
  /** Base64. */
  readonly data: string;
}

async function lastMessage(nats: RawNats, subject: string): Promise<StoredMessage | undefined> {
  const asked = JSON.stringify({ last_by_subj: subject });
  const reply = await nats.request('$JS.API.STREAM.MSG.GET.ACTIVITY', asked);
  const { message, error } = JSON.parse(reply) as { message?: StoredMessage; error?: { code: number } };
  if (message || error?.code === 404) return message;
  throw new Error(`the newest record of ${subject}: ${reply}`);
}

async function read<T>(site: Site, path: string): Promise<T> {
  const { status, body } = await site.rest<T>('GET', path);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
