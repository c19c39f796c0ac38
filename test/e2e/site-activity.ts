import { type Site, until } from '@signalbox/testing';
import type { ExplainAnswer, PartItem, RunItem } from '../../apps/cli/src/rest/answers.js';

export type {
  DiffAnswer,
  ExplainAnswer,
  PartItem,
  RouterDocument,
  RunItem,
} from '../../apps/cli/src/rest/answers.js';

/** A fact of the site itself; what is left out is stamped at the arrival. */
export interface OwnFact {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly dedupeKey?: string;
  readonly payload?: Readonly<Record<string, string>>;
  readonly observedAt?: string;
  readonly expiresAt?: string;
  readonly traceparent?: string;
}

const GROUP = 'default';

/** States from which no attempt follows by itself. */
export const ENDED = ['succeeded', 'failed', 'skipped', 'withdrawn'];

/** Emits over REST; resolves when the fact is durable. */
export async function emit(site: Site, fact: OwnFact, group = GROUP): Promise<void> {
  const { status, body } = await site.rest('POST', `/v1/groups/${group}/events`, fact);
  if (status !== 202) throw new Error(`${fact.id} was answered ${status}: ${JSON.stringify(body)}`);
}

export async function runsOf(site: Site, subscription: string): Promise<RunItem[]> {
  return site.all<RunItem>(`/v1/runs?subscription=${subscription}`);
}

/** Parts of a subscription, newest generation of a source last. */
export async function partsOf(site: Site, subscription: string): Promise<PartItem[]> {
  const parts = await site.all<PartItem>(`/v1/parts?owner=EventSubscription/${subscription}&full=true`);
  return parts.sort((a, b) => a.generation - b.generation);
}

export async function activeParts(site: Site, subscription: string): Promise<PartItem[]> {
  return (await partsOf(site, subscription)).filter(({ state }) => state === 'active');
}

/** The run of a fact once it has ended, in whatever state. */
export function endedRun(site: Site, subscription: string, id: string): Promise<RunItem> {
  return until(`the run of ${id}`, async () => {
    const runs = await runsOf(site, subscription);
    return runs.find(({ facts, state }) => facts.some((fact) => fact.id === id) && ENDED.includes(state));
  });
}

/** The active part that came from a fact. */
export function activePart(site: Site, subscription: string, id: string): Promise<PartItem> {
  return until(`the part of ${id}`, async () => {
    const runs = await runsOf(site, subscription);
    const made = runs.filter(({ facts }) => facts.some((fact) => fact.id === id)).map(({ runId }) => runId);
    return (await activeParts(site, subscription)).find(({ runId }) => made.includes(runId));
  });
}

export async function explain(site: Site, id: string): Promise<ExplainAnswer> {
  return site.json<ExplainAnswer>('event', 'explain', id, '--group', GROUP);
}
