import { factsStream, STREAMS, SUBJECTS } from '@signalbox/contracts';
import {
  backendsProjection,
  deadLettersProjection,
  deliveriesProjection,
  factsProjectionName,
  frontendsProjection,
  nodesProjection,
  partsProjection,
  resourcesProjection,
  runsProjection,
  sinksProjection,
} from '@signalbox/store';
import type { StreamKind } from './stream-kinds.js';

/** Messages of one stream that tell about some kinds, in their order there. One filter each: see stack, nats-server 2.9. */
export interface Source {
  /** Stands in ids of events: never give one another meaning. */
  readonly name: string;
  readonly stream: string;
  readonly filter: string;
  /** The projection that lists are read from: who begins behind its position misses nothing that a list does not show. */
  readonly projection: string;
}

const ACTIVITY = STREAMS.activity;

const BACKEND = source('backend', ACTIVITY, SUBJECTS.allBackendActivity, backendsProjection.name);
const FRONTEND = source('frontend', ACTIVITY, SUBJECTS.allFrontendActivity, frontendsProjection.name);
const NODE = source('node', ACTIVITY, SUBJECTS.allNodeActivity, nodesProjection.name);
const SINK = source('sink', ACTIVITY, SUBJECTS.allSinkActivity, sinksProjection.name);
const RUN = source('run', ACTIVITY, SUBJECTS.allRunActivity, runsProjection.name);
const CONFIG = source('config', ACTIVITY, SUBJECTS.allConfig, partsProjection.name);
const DELIVERY = source('delivery', ACTIVITY, 'activity.delivery.>', deliveriesProjection.name);
const RESOURCE = source('resource', STREAMS.journal, SUBJECTS.resources, resourcesProjection.name);
const DEAD = source('dead', STREAMS.dead, 'dead.>', deadLettersProjection.name);

/** The three whose positions alone made an id when there were no others. */
export const FIRST_SOURCES = [BACKEND, FRONTEND, NODE] as const;

const SOURCES_OF_KIND: Readonly<Record<Exclude<StreamKind, 'fact' | 'alarm'>, readonly Source[]>> = {
  backend: [BACKEND],
  frontend: [FRONTEND],
  node: [NODE],
  sink: [SINK],
  resource: [RESOURCE],
  // whether a proposed part was accepted is for the renderer to say
  run: [RUN, CONFIG],
  part: [CONFIG],
  'effective-config': [CONFIG],
  delivery: [DELIVERY],
  'dead-letter': [DEAD],
};

/** The source of the facts of a group. */
export function factSource(group: string): Source {
  return source(`fact/${group}`, factsStream(group), SUBJECTS.facts(group), factsProjectionName(group));
}

/** Where what is told about these kinds is read, each once. Alarms are in no stream. */
export function sourcesOf(kinds: Iterable<StreamKind>, groups: readonly string[]): Source[] {
  const wanted = new Set<Source>();
  for (const kind of kinds) {
    if (kind === 'alarm') continue;
    for (const one of kind === 'fact' ? groups.map(factSource) : SOURCES_OF_KIND[kind]) wanted.add(one);
  }
  return [...wanted];
}

function source(name: string, stream: string, filter: string, projection: string): Source {
  return { name, stream, filter, projection };
}
