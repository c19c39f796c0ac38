import { type FactRecord, factToWire } from '@signalbox/contracts';
import type { EventContent } from './live-event.js';

/** An accepted fact: in its wire form, and what `ingest` decided about it. `seq`: in the stream of its group. */
export function factEvent(seq: number, { fact, ...decided }: FactRecord): EventContent {
  const { group, id, type, subject, sourceNode } = fact;
  const { own, change, version, current, way, acceptedAt } = decided;
  return {
    kind: 'fact',
    group,
    names: [id, type, subject, sourceNode],
    data: { group, seq, change, version, current, own, way, acceptedAt, fact: factToWire(fact) },
  };
}
