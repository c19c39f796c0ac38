import type { Part, PartRef, QuarantinedPart, Resource, ResourceRef } from '@signalbox/contracts';

/** What the renderer loads from its tables at start, before it follows the streams from there. */
export interface ModelSnapshot {
  readonly startup: readonly { readonly resource: Resource; readonly revision: number }[];
  /** Revision of the newest changeset in `startup`. */
  readonly revision: number;
  /** Parts that have not ended, in acceptance order. */
  readonly parts: readonly {
    readonly part: Part;
    readonly state: 'active' | 'quarantined';
    readonly reason?: string;
  }[];
  /** Of ended parts too, so that generations only rise. */
  readonly lastGenerations: readonly PartRef[];
  /** The last recorded generation; it may lag behind the parts after a crash. */
  readonly effective: {
    readonly generation: number;
    readonly entries: readonly {
      readonly ref: ResourceRef;
      /** `resourceDigest` of the recorded resource. */
      readonly contentDigest: string;
      readonly part?: PartRef;
    }[];
    readonly quarantined: readonly QuarantinedPart[];
  };
}

/** A site before its first record. */
export const EMPTY_SNAPSHOT: ModelSnapshot = {
  startup: [],
  revision: 0,
  parts: [],
  lastGenerations: [],
  effective: { generation: 0, entries: [], quarantined: [] },
};
