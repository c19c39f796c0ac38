import { oneOf, shape, TEXT, text } from '../schema/shape.js';
import type { Kind } from './kind.js';
import { OVERLAY_PEER } from './overlay-peer.js';
import { checkReference } from './reference.js';
import { specOf } from './spec-of.js';
import { HYBRID_API } from './specs.js';

/** Reference 2.12. `peerRef` is the documented default peer; blank means absent. */
export interface AddressMobilityDomainSpec {
  /** The IPv4 prefix. */
  readonly prefix: string;
  /** Only single addresses move. */
  readonly mode: 'selective-address';
  /** Name of the OverlayPeer that the domain is shared with. */
  readonly peerRef?: string;
}

/** An IPv4 prefix inside which selected /32s may move between sites; never a full layer 2. Reference 2.12. */
export const ADDRESS_MOBILITY_DOMAIN: Kind = {
  apiVersion: HYBRID_API,
  kind: 'AddressMobilityDomain',
  schema: shape<AddressMobilityDomainSpec>(
    { prefix: text('ipv4-prefix'), mode: oneOf(['selective-address']) },
    { peerRef: TEXT },
  ),
  checkReferences(resource, lookup) {
    return checkReference(
      '/spec/peerRef',
      OVERLAY_PEER,
      specOf<AddressMobilityDomainSpec>(resource).peerRef,
      lookup,
    );
  },
};
