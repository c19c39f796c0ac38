import { type Site, until } from '@signalbox/testing';
import type { DeadLetterItem } from '../../apps/cli/src/rest/answers.js';
import type { ExplainAnswer } from '../e2e/site-activity.js';
import { GROUP, type LoadFact, newestBySubject, SEEN } from './fact-load.js';

/** Facts that one call of the CLI lists. */
const PAGE = 1000;
/** Of the facts that have a run, which says that they matched, one of so many is explained; of the others each. */
const EXPLAINED_OF_RUN = 20;
/** Explanations that are asked for at the same time. */
const AT_ONCE = 20;

interface StoredEvent {
  readonly id: string;
  readonly version: number;
  readonly subject: string;
}

export interface RunFact {
  readonly id: string;
  readonly subject: string;
}

export interface RunItem {
  readonly runId: string;
  readonly state: string;
  readonly errorCode?: string;
  readonly error?: string;
  readonly attempt: number;
  readonly facts: readonly RunFact[];
}

export interface PartItem {
  readonly source: string;
  readonly generation: number;
  readonly state: string;
  readonly runId: string;
  readonly facts: readonly RunFact[];
}

interface Effective {
  readonly spec: {
    readonly resources: readonly {
      readonly kind: string;
      readonly metadata: { readonly name: string };
      readonly spec: Readonly<Record<string, string>>;
    }[];
  };
}

interface Status {
  readonly groups: readonly { readonly name: string; readonly stream: { readonly messages: number } }[];
}

/** Whether the newest fact of every lineage stands in an active part and no run is on its way. */
export async function isSettled(
  site: Site,
  subscription: string,
  facts: readonly LoadFact[],
): Promise<boolean> {
  const active = await activeParts(site, subscription);
  const standing = new Set(active.flatMap((part) => part.facts.map(({ id }) => id)));
  if (![...newestBySubject(facts).values()].every(({ id }) => standing.has(id))) return false;
  const runs = await site.all<RunItem>(`/v1/runs?subscription=${subscription}`);
  return runs.every(({ state }) => ENDED.includes(state));
}

export async function activeParts(site: Site, subscription: string): Promise<PartItem[]> {
  return site.all<PartItem>(`/v1/parts?owner=EventSubscription/${subscription}&state=active`);
}

const ENDED = ['succeeded', 'failed', 'skipped', 'withdrawn'];

/**
 * Every fact that was answered is stored exactly once: paged as a user does it, each id with one accepted record, and
 * the stream holds no record more, but for those that somebody else put there.
 */
export async function expectStoredOnce(site: Site, facts: readonly LoadFact[], foreign = 0): Promise<void> {
  const stored: StoredEvent[] = [];
  let pages = 0;
  for (let after: string | undefined, more = true; more; pages += 1) {
    const cursor = after === undefined ? [] : ['--after', after];
    const { code, stdout, stderr } = await site.cli(
      ...['event', 'list', '--group', GROUP, '--include-expired', '--limit', String(PAGE), '-o', 'json'],
      ...cursor,
    );
    expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
    stored.push(...(JSON.parse(stdout) as StoredEvent[]));
    after = /add --after (\S+)/.exec(stderr)?.[1];
    more = after !== undefined;
  }
  expect(pages).toBe(Math.ceil(facts.length / PAGE));
  expect(stored.map(({ id }) => id).sort()).toEqual(facts.map(({ id }) => id).sort());
  expect(stored.filter(({ version }) => version !== 1)).toEqual([]);
  const status = await site.json<Status>('status');
  expect(status.groups.find(({ name }) => name === GROUP)?.stream.messages).toBe(facts.length + foreign);
}

/**
 * Every lineage has exactly one active part, that of its newest fact; no run made two parts; every run succeeded, or
 * was skipped because a newer fact of its lineage came, and no matching fact is without a run; the effective config says
 * exactly what the newest facts say. There are no dead letters but those that were meant to be: `dead` says where they
 * came from and why, in order, and `mayRepeat` how many more of each there may be.
 */
export async function expectAppliedOnce(
  site: Site,
  subscription: string,
  facts: readonly LoadFact[],
  dead: readonly string[] = [],
  mayRepeat: ReadonlyMap<string, number> = new Map(),
): Promise<void> {
  const newest = newestBySubject(facts);
  const parts = await site.all<PartItem>(`/v1/parts?owner=EventSubscription/${subscription}`);
  const active = parts.filter(({ state }) => state === 'active');
  const standing = active.map((part) => [part.facts[0]?.subject, part.facts.map(({ id }) => id)]);
  expect(standing.sort(byFirst)).toEqual(
    [...newest].map(([subject, { id }]) => [subject, [id]]).sort(byFirst),
  );
  expect(repeated(active.map(({ source }) => source))).toEqual([]);
  expect(repeated(parts.map(({ source, generation }) => `${source} ${generation}`))).toEqual([]);
  expect(repeated(parts.map(({ runId }) => runId))).toEqual([]);
  expect(parts.filter(({ state }) => state !== 'active' && state !== 'superseded')).toEqual([]);

  const runs = await site.all<RunItem>(`/v1/runs?subscription=${subscription}`);
  const wrong = runs.filter(({ state, errorCode, facts: [fact] }) => {
    if (state === 'succeeded') return false;
    return !(
      state === 'skipped' &&
      errorCode === 'superseded' &&
      newest.get(fact?.subject ?? '')?.id !== fact?.id
    );
  });
  expect(wrong).toEqual([]);
  expect(repeated(runs.map(({ runId }) => runId))).toEqual([]);
  expect(repeated(runs.flatMap((run) => run.facts.map(({ id }) => id)))).toEqual([]);
  const succeeded = new Set(runs.filter(({ state }) => state === 'succeeded').map(({ runId }) => runId));
  expect(new Set(parts.map(({ runId }) => runId))).toEqual(succeeded);

  const ran = new Set(runs.flatMap((run) => run.facts.map(({ id }) => id)));
  const matching = facts.filter(({ type }) => type === SEEN);
  const explained = await explainAll(
    site,
    matching.filter(({ id }, at) => !ran.has(id) || at % EXPLAINED_OF_RUN === 0),
  );
  const unaccounted = explained.filter(({ event, decisions: [decision] }) =>
    ran.has(event.id)
      ? !decision?.matched
      : decision?.clause !== 'superseded' || newest.get(event.subject ?? '')?.id === event.id,
  );
  expect(unaccounted).toEqual([]);

  const { spec } = await site.json<Effective>('dynamic', 'render');
  const seen = spec.resources.filter(({ kind }) => kind === 'SeenHost');
  expect(seen.map((resource) => [resource.metadata.name, resource.spec['serial']]).sort(byFirst)).toEqual(
    [...newest].map(([subject, { payload }]) => [subject, payload['serial']]).sort(byFirst),
  );
  const letters = await site.all<DeadLetterItem>('/v1/dead-letters');
  const found = letters.map(({ subject, code }) => `${subject} ${code}`).sort();
  expect(withoutRepeats(found, dead, mayRepeat)).toEqual(dead);
}

/** Leaves out what is there more often than wanted, as often as it may be. */
function withoutRepeats(
  found: readonly string[],
  wanted: readonly string[],
  mayRepeat: ReadonlyMap<string, number>,
): string[] {
  const seen = new Map<string, number>();
  return found.filter((letter) => {
    const count = (seen.get(letter) ?? 0) + 1;
    seen.set(letter, count);
    const more = count - wanted.filter((one) => one === letter).length;
    return more <= 0 || more > (mayRepeat.get(letter) ?? 0);
  });
}

/** What the site says of each of these facts, in their order. */
export async function explainAll(site: Site, facts: readonly LoadFact[]): Promise<ExplainAnswer[]> {
  const explained: ExplainAnswer[] = [];
  for (let at = 0; at < facts.length; at += AT_ONCE) {
    const some = facts.slice(at, at + AT_ONCE);
    explained.push(...(await Promise.all(some.map(({ id }) => explain(site, id)))));
  }
  return explained;
}

/** On a busy machine `matcher` may answer too late: that is told, and may be asked again. */
function explain(site: Site, id: string): Promise<ExplainAnswer> {
  const path = `/v1/groups/${GROUP}/events/${id}/explain`;
  return until(`an explanation of ${id}`, async () => {
    const { status, body } = await site.rest<ExplainAnswer>('GET', path);
    if (status !== 200) throw new Error(`explain of ${id} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  });
}

function byFirst(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}

function repeated(keys: readonly string[]): string[] {
  const known = new Set<string>();
  return keys.filter((key) => known.has(key) || !known.add(key));
}
