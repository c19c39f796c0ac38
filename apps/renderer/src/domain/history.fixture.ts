import {
  type Changeset,
  type EffectiveRecord,
  keyOf,
  type PartRecord,
  type PartRef,
  refKey,
} from '@signalbox/contracts';
import { resourceDigest } from './config-digest.js';
import { ConfigModel } from './config-model.js';
import type { AcceptedPart, DeclaredResource } from './merge-from-scratch.js';
import type { ModelSnapshot } from './model-snapshot.js';
import { EMPTY_SNAPSHOT } from './model-snapshot.js';
import { RULES } from './resources.fixture.js';

/** One message of the streams that the renderer reads and writes. */
export type Logged =
  | { readonly revision: number; readonly changeset: Changeset }
  | { readonly part: PartRecord }
  | { readonly effective: EffectiveRecord };

/** A model that was told nothing but the messages. */
export function replayed(log: readonly Logged[]): ConfigModel {
  const model = new ConfigModel(EMPTY_SNAPSHOT, RULES);
  for (const entry of log) {
    if ('changeset' in entry) model.applyChangeset(entry.revision, entry.changeset);
    else if ('part' in entry) model.applyPart(entry.part);
    else model.applyEffective(entry.effective);
  }
  return model;
}

/** Operator resources after the messages, folded without the model. */
export function startupOf(log: readonly Logged[]): DeclaredResource[] {
  const startup = new Map<string, DeclaredResource>();
  for (const entry of log) {
    if (!('changeset' in entry)) continue;
    for (const change of entry.changeset.changes) {
      if (change.op === 'delete') startup.delete(refKey(change.ref));
      else startup.set(keyOf(change.resource), { resource: change.resource, revision: entry.revision });
    }
  }
  return [...startup.values()];
}

/** Parts that have not ended after the messages, folded without the model. */
export function livePartsOf(log: readonly Logged[]): AcceptedPart[] {
  const live = new Map<string, AcceptedPart>();
  const end = ({ source, generation }: PartRef): void => {
    if (live.get(source)?.part.generation === generation) live.delete(source);
  };
  for (const [order, entry] of log.entries()) {
    if (!('part' in entry)) continue;
    const record = entry.part;
    if (record.type === 'accepted') {
      record.supersedes.forEach(end);
      live.set(record.part.source, { part: record.part, order });
    } else if (record.type === 'expired' || record.type === 'withdrawn') end(record);
  }
  return [...live.values()].sort((a, b) => a.order - b.order);
}

/** What the tables of the service hold after the messages, folded without the model. */
export function snapshotOf(log: readonly Logged[]): ModelSnapshot {
  const reasons = new Map<string, string>();
  const lastGenerations = new Map<string, PartRef>();
  const entries = new Map<string, ModelSnapshot['effective']['entries'][number]>();
  let generation = 0;
  for (const entry of log) {
    if ('effective' in entry) {
      generation = entry.effective.generation;
      for (const { resource } of [...entry.effective.added, ...entry.effective.changed]) {
        const { apiVersion, kind, metadata } = resource;
        const ref = { apiVersion, kind, project: metadata.project ?? 'default', name: metadata.name };
        entries.set(refKey(ref), { ref, contentDigest: resourceDigest(resource) });
      }
      for (const ref of entry.effective.removed) entries.delete(refKey(ref));
    } else if ('part' in entry) {
      const record = entry.part;
      if (record.type === 'accepted') lastGenerations.set(record.part.source, record.part);
      else if (record.type === 'quarantined') {
        reasons.set(`${record.source} ${record.generation}`, record.reason);
      } else if (record.type === 'restored') reasons.delete(`${record.source} ${record.generation}`);
    }
  }
  return {
    startup: startupOf(log),
    revision: Math.max(0, ...log.map((entry) => ('changeset' in entry ? entry.revision : 0))),
    parts: livePartsOf(log).map(({ part }) => {
      const reason = reasons.get(`${part.source} ${part.generation}`);
      return reason === undefined ? { part, state: 'active' } : { part, state: 'quarantined', reason };
    }),
    lastGenerations: [...lastGenerations.values()],
    effective: { generation, entries: [...entries.values()], quarantined: [] },
  };
}
