import {
  type DeliveryRecord,
  type EffectiveRecord,
  HYBRID_API,
  type Part,
  type PartRecord,
  type Resource,
  SUBJECTS,
  configSubjectOf,
} from '@signalbox/contracts';
import { RunRow } from '@signalbox/store';
import type { RunItemDto } from '../reads/runs.dto.js';
import type { ApiSite } from './api-site.fixture.js';

const OWNER = 'EventSubscription/claims';
const AT = '2026-01-01T00:00:00.000Z';
const CAUSE = { stream: 'ACTIVITY', seq: 1 };

/** The resource that a part proposes. */
export const claim = (name: string): Resource => ({
  apiVersion: HYBRID_API,
  kind: 'RemoteAddressClaim',
  metadata: { name },
  spec: { address: '10.0.0.1/32' },
});

/** Appends what renderer appends when it accepts a part; ACTIVITY sequence. */
export async function acceptPart(
  site: ApiSite,
  at: { source: string; generation: number; runId: string },
  resources: readonly Resource[],
): Promise<number> {
  const part: Part = {
    ...at,
    owner: OWNER,
    attempt: 1,
    subscription: 'claims',
    plugin: 'to-claim',
    group: 'default',
    revision: 1,
    facts: [{ seq: 1, id: 'e1', origin: 'edge-1.test', factKey: 'id:e1', subject: '' }],
    digest: 'd'.repeat(64),
    observedAt: AT,
    expiresAt: '2999-01-01T00:00:00Z',
    resources,
    directives: [],
    actionPlans: [],
  };
  const record: PartRecord = { type: 'accepted', at: AT, cause: CAUSE, part, supersedes: [] };
  return append(site, SUBJECTS.config, { records: [record] });
}

/** Appends that a part ends, is held back or comes back. */
export function endPart(
  site: ApiSite,
  part: { source: string; generation: number },
  type: 'expired' | 'withdrawn' | 'quarantined' | 'restored',
  reason: string,
): Promise<number> {
  const record: PartRecord = { ...part, type, at: AT, cause: CAUSE, owner: OWNER, reason };
  return append(site, SUBJECTS.config, { records: [record] });
}

/** Appends a generation of the effective config that adds resources; `resources`: how many it has then. */
export function addGeneration(
  site: ApiSite,
  generation: number,
  added: EffectiveRecord['added'],
  resources = added.length,
): Promise<number> {
  const record: EffectiveRecord = {
    type: 'generation',
    generation,
    chunk: 0,
    complete: true,
    at: AT,
    cause: CAUSE,
    revision: 1,
    digest: String(generation).repeat(64).slice(0, 64),
    resources,
    added,
    changed: [],
    removed: [],
    quarantined: [],
  };
  return append(site, configSubjectOf([record]), { records: [record] });
}

/** Appends the first try to deliver a fact. */
export function tryDelivery(site: ApiSite, id: string, peer: string, attempts: number): Promise<number> {
  const key = { group: 'default', peer, seq: 1, id, version: 1, observedAt: AT, attempts };
  const at = new Date(Date.parse(AT) + attempts * 1000).toISOString();
  const record: DeliveryRecord =
    attempts === 0
      ? { ...key, type: 'delivered', at, attempts: 1, duplicate: false }
      : { ...key, type: 'attempt-failed', at, error: { code: 'peer-unreachable', message: 'no route' } };
  return append(site, SUBJECTS.deliveryActivity('default', peer), record);
}

/** Puts a row into the table that matcher owns. */
export async function putRun(site: ApiSite, run: Partial<RunItemDto> & { runId: string }): Promise<void> {
  const view: RunItemDto = {
    subscription: 'claims',
    plugin: 'to-claim',
    group: 'default',
    revision: 1,
    source: `${OWNER}/00`,
    state: 'succeeded',
    attempt: 1,
    maxAttempts: 3,
    facts: [{ seq: 1, id: 'e1', origin: 'edge-1.test', factKey: 'id:e1', subject: '' }],
    plannedAt: AT,
    executions: [],
    ...run,
  };
  const { runId, subscription, plugin, group, source, state, facts, plannedAt } = view;
  const factIds = facts.map(({ id }) => id);
  const columns = { runId, subscription, plugin, group, source, state, factIds, plannedAt, lastSeq: 1 };
  await site.dataSource.getRepository(RunRow).insert({ ...columns, view: JSON.stringify(view) });
}

async function append(site: ApiSite, subject: string, record: object): Promise<number> {
  return (await site.bus.publisher.publishJson(subject, record)).seq;
}
