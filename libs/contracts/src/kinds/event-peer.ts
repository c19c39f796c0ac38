import { listOf, oneOf, shape, text } from '../schema/shape.js';
import type { Kind } from './kind.js';
import { checkReference } from './reference.js';
import { EVENT_GROUP } from './event-group.js';
import { type EventGroupSpec, type EventPeerSpec, FEDERATION_API } from './specs.js';
import { specOf } from './spec-of.js';

/**
 * A remote site that receives facts of a group. Reference 2.2.
 * Its group must exist and name a secret file, because every push is signed (T23).
 */
export const EVENT_PEER: Kind = {
  apiVersion: FEDERATION_API,
  kind: 'EventPeer',
  schema: shape<EventPeerSpec>(
    { groupRef: text('group-name'), nodeName: text('node-name'), endpoint: text('base-url') },
    {
      direction: oneOf(['', 'push']),
      types: listOf(text('fact-type')),
      subjectPrefixes: listOf(text('subject-prefix')),
    },
  ),
  checkReferences(resource, lookup) {
    const { groupRef } = specOf<EventPeerSpec>(resource);
    const group = lookup(EVENT_GROUP.apiVersion, EVENT_GROUP.kind, groupRef);
    if (!group) return checkReference('/spec/groupRef', EVENT_GROUP, groupRef, lookup);
    if (specOf<EventGroupSpec>(group).auth?.secretFile !== undefined) return [];
    return [
      {
        pointer: '/spec/groupRef',
        message: `EventGroup/${groupRef} has no spec.auth.secretFile, which signing for its peers needs`,
      },
    ];
  },
};
