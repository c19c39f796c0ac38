import type { FieldError } from '../errors.js';
import { FLAG, NON_BLANK, oneOf, shape, TEXT, text } from '../schema/shape.js';
import type { Kind } from './kind.js';
import { specOf } from './spec-of.js';
import { HYBRID_API } from './specs.js';

/** Underlays that need a device of ours. Reference 2.11. */
const DEVICE_UNDERLAYS = ['wireguard', 'ipip', 'gre', 'fou', 'gue'] as const;
const UNDERLAYS = [...DEVICE_UNDERLAYS, 'tailscale', 'ipsec', 'route'] as const;

/** Reference 2.11. Optional texts may be blank, which means absent. */
export interface OverlayPeerSpec {
  /** On which side it is. */
  readonly role: 'onprem' | 'cloud';
  /** Name of the router. */
  readonly nodeID: string;
  /** What carries its traffic. */
  readonly underlay: {
    /** Kind of the link; all but `route` need its interface. */
    readonly type: (typeof UNDERLAYS)[number];
    /** Device of the link. */
    readonly interface?: string;
    /** Our address on the link. */
    readonly address?: string;
  };
  /** The other end. */
  readonly remote?: {
    /** Its name. */
    readonly nodeID?: string;
    /** Its address on the link. */
    readonly address?: string;
  };
  /** How packets that are too large are treated. */
  readonly pathMTU?: {
    /** IPv4 packets are fragmented even when they forbid it. */
    readonly forceFragmentIPv4?: boolean;
  };
}

/** A remote router and the underlay that reaches it. Reference 2.11. */
export const OVERLAY_PEER: Kind = {
  apiVersion: HYBRID_API,
  kind: 'OverlayPeer',
  schema: shape<OverlayPeerSpec>(
    {
      role: oneOf(['onprem', 'cloud']),
      nodeID: NON_BLANK,
      underlay: shape<OverlayPeerSpec['underlay']>(
        { type: oneOf(UNDERLAYS) },
        { interface: TEXT, address: text('ip-or-blank') },
      ),
    },
    {
      remote: shape<NonNullable<OverlayPeerSpec['remote']>>({}, { nodeID: TEXT, address: TEXT }),
      pathMTU: shape<NonNullable<OverlayPeerSpec['pathMTU']>>({}, { forceFragmentIPv4: FLAG }),
    },
  ),
  checkFields(resource) {
    const { underlay, pathMTU } = specOf<OverlayPeerSpec>(resource);
    const needsDevice = DEVICE_UNDERLAYS.some((type) => type === underlay.type);
    const errors: FieldError[] = [];
    if (needsDevice && (underlay.interface ?? '').trim() === '')
      errors.push({ pointer: '/spec/underlay/interface', message: `is required for ${underlay.type}` });
    if (!needsDevice && pathMTU?.forceFragmentIPv4 === true)
      errors.push({
        pointer: '/spec/pathMTU/forceFragmentIPv4',
        message: `needs an underlay with a device: ${DEVICE_UNDERLAYS.join(', ')}`,
      });
    return errors;
  },
};
