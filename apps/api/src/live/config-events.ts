import {
  type ConfigRecord,
  type EffectiveRecord,
  type EffectiveResource,
  type PartRecord,
  refOf,
  type ResourceRef,
} from '@signalbox/contracts';
import type { EventContent } from './live-event.js';
import { decisionEvents } from './run-events.js';

/** What a record of `activity.config.*` tells: of a run that it decides on, of a part, or of a generation. */
export function configEvents(record: ConfigRecord): EventContent[] {
  return record.type === 'generation'
    ? [generationEvent(record)]
    : [...decisionEvents(record), partEvent(record)];
}

function partEvent(record: PartRecord): EventContent {
  const { type: change, at, cause } = record;
  if (record.type !== 'accepted') {
    const { source, owner } = record;
    const { type: _type, at: _at, cause: _cause, ...rest } = record;
    return { kind: 'part', names: [source, owner], data: { change, at, cause, ...rest } };
  }
  const { part, supersedes } = record;
  const { source, owner, generation, runId, digest, observedAt, expiresAt, subscription, plugin } = part;
  return {
    kind: 'part',
    names: [source, owner],
    data: {
      ...{ change, at, cause, source, owner, generation, runId, digest, observedAt },
      ...(expiresAt !== undefined && { expiresAt }),
      ...(subscription !== undefined && { subscription }),
      ...(plugin !== undefined && { plugin }),
      resources: part.resources.map(refOf),
      facts: part.facts.map(({ seq, id, origin, subject }) => ({ seq, id, origin, subject })),
      supersedes,
    },
  };
}

/** Which resources changed; `GET /v1/effective-config` has them whole. */
function generationEvent({ type: _type, ...record }: EffectiveRecord): EventContent {
  const { added, changed, removed, ...rest } = record;
  const refs = [...added.map(refOfEffective), ...changed.map(refOfEffective), ...removed];
  return {
    kind: 'effective-config',
    names: [...new Set(refs.flatMap(({ kind, name }) => [name, `${kind}/${name}`]))],
    data: {
      ...rest,
      added: added.map(refOfEffective),
      changed: changed.map(refOfEffective),
      removed,
    },
  };
}

function refOfEffective({ resource }: EffectiveResource): ResourceRef {
  return refOf(resource);
}
