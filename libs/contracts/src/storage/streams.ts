import { BOUNDS } from './bounds.js';
import type { Stored } from './stored-thing.js';

/** The streams of a site. Bounds are those that a new stream gets: afterwards the stream's own count. */
export const STORED_STREAMS = [
  {
    name: 'INTAKE',
    kind: 'stream',
    owner: 'ingest',
    holds: 'facts that were sent and are not accepted yet',
    bound: {
      most: BOUNDS.intakeBytes,
      unit: 'bytes',
      setting: 'SIGNALBOX_INTAKE_MAX_BYTES',
      whenFull: 'refuses',
    },
  },
  {
    name: 'FACTS_<group>',
    kind: 'stream',
    owner: 'ingest',
    holds: 'accepted facts',
    bound: {
      most: BOUNDS.factsBytes,
      unit: 'bytes',
      per: 'group',
      setting: 'SIGNALBOX_FACTS_MAX_BYTES',
      whenFull: 'refuses',
    },
  },
  {
    name: 'JOURNAL',
    kind: 'stream',
    owner: 'api',
    holds: 'what people decided, for ever: about 1 KB for each change',
    bound: {
      most: BOUNDS.journalWarnBytes,
      unit: 'bytes',
      setting: 'SIGNALBOX_JOURNAL_WARN_BYTES',
      whenFull: 'warns',
    },
  },
  {
    name: 'AUDIT',
    kind: 'stream',
    owner: 'api',
    holds: 'seals of what JOURNAL holds, for ever: about 100 bytes for each change',
    bound: { rule: 'one digest for each record of JOURNAL' },
  },
  {
    name: 'ACTIVITY',
    kind: 'stream',
    owner: 'api',
    holds: 'what the services did, as long as SIGNALBOX_ACTIVITY_MAX_AGE says',
    bound: {
      most: BOUNDS.activityWarnBytes,
      unit: 'bytes',
      ageMs: BOUNDS.activityAgeMs,
      setting: 'SIGNALBOX_ACTIVITY_WARN_BYTES, SIGNALBOX_ACTIVITY_MAX_AGE',
      whenFull: 'warns',
    },
  },
  {
    name: 'DEAD',
    kind: 'stream',
    owner: 'api',
    holds: 'messages that could not be processed',
    bound: {
      most: BOUNDS.deadBytes,
      unit: 'bytes',
      ageMs: BOUNDS.deadAgeMs,
      setting: 'SIGNALBOX_DEAD_MAX_BYTES, SIGNALBOX_DEAD_MAX_AGE',
      whenFull: 'loses',
    },
  },
  {
    name: 'KV_NODES',
    kind: 'stream',
    owner: 'balancer',
    holds: 'what load-balancing nodes shall do',
    bound: { most: BOUNDS.nodesBytes, unit: 'bytes', whenFull: 'refuses' },
  },
  {
    name: 'KV_LEADERS',
    kind: 'stream',
    owner: 'balancer',
    holds: 'who leads a VIP, of the method address: one small value for each',
    bound: { most: BOUNDS.leadersBytes, unit: 'bytes', whenFull: 'refuses' },
  },
  {
    name: 'KV_<bucket>',
    kind: 'stream',
    owner: 'sinks',
    holds:
      'resources that a ConfigSink brings to a bucket; one that was there before has the bounds of who made it',
    bound: { most: BOUNDS.sinkBucketBytes, unit: 'bytes', per: 'bucket', whenFull: 'refuses' },
  },
] as const satisfies readonly Stored[];
