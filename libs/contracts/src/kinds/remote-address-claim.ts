import type { FieldError } from '../errors.js';
import { containsPrefix, parseIpv4Prefix } from '../ipv4-prefix.js';
import { FLAG, listOf, NON_BLANK, oneOf, shape, TEXT, text } from '../schema/shape.js';
import { ADDRESS_MOBILITY_DOMAIN, type AddressMobilityDomainSpec } from './address-mobility-domain.js';
import { CLOUD_PROVIDER_PROFILE } from './cloud-provider-profile.js';
import type { Kind, ReferenceFieldError, ResourceLookup } from './kind.js';
import { OVERLAY_PEER } from './overlay-peer.js';
import { checkReference } from './reference.js';
import { specOf } from './spec-of.js';
import { HYBRID_API } from './specs.js';

/** Reference 2.13. Optional texts may be blank, which means absent. */
export interface RemoteAddressClaimSpec {
  /** Name of the AddressMobilityDomain that the address lies in. */
  readonly domainRef: string;
  /** The mobile address, a /32. */
  readonly address: string;
  /** Where its host really is. */
  readonly ownerSide: 'cloud' | 'onprem';
  /** How the other side takes packets to it. */
  readonly capture: {
    /** `provider-secondary-ip`: as a secondary address in the cloud. `proxy-arp`: by answering ARP on a segment. */
    readonly type: 'provider-secondary-ip' | 'proxy-arp';
    /** provider-secondary-ip: name of the CloudProviderProfile. */
    readonly providerRef?: string;
    /** provider-secondary-ip: how the provider has it, such as `secondary-ip`. */
    readonly providerMode?: string;
    /** provider-secondary-ip: the interface in the cloud that gets it. */
    readonly nicRef?: string;
    /** provider-secondary-ip: the router itself has the address, too; default false. */
    readonly configureOSAddress?: boolean;
    /** proxy-arp: device of the segment. */
    readonly interface?: string;
    /** proxy-arp: neighbours are told without having asked. */
    readonly gratuitousARP?: boolean;
    /** proxy-arp: addresses that are never answered for. */
    readonly excludeAddresses?: readonly string[];
    /** When this router captures. */
    readonly activeWhen?: {
      /** Empty and `single-router`: always. `vrrp-master`: while it is the master. */
      readonly type?: '' | 'single-router' | 'vrrp-master';
      /** vrrp-master: the virtual address whose master it must be. */
      readonly virtualAddressRef?: string;
    };
    /** A name of the strategy, for the provider; kept as it is. */
    readonly captureStrategy?: string;
  };
  /** How captured packets come to the owner. */
  readonly delivery: {
    /** Name of the OverlayPeer that leads there. */
    readonly peerRef: string;
    /** `route`: by a route of our own. `bgp`: as BGP says. */
    readonly mode: 'route' | 'bgp';
    /** Device of the tunnel; absent: that of the peer. */
    readonly tunnelInterface?: string;
  };
}

type Capture = RemoteAddressClaimSpec['capture'];
type ActiveWhen = NonNullable<Capture['activeWhen']>;

const NEEDED_BY_CAPTURE = {
  'provider-secondary-ip': ['providerRef', 'providerMode', 'nicRef'],
  'proxy-arp': ['interface'],
} as const satisfies Record<Capture['type'], readonly (keyof Capture)[]>;

/** One mobile /32: who owns it, how it is captured and how its traffic is delivered. Reference 2.13. */
export const REMOTE_ADDRESS_CLAIM: Kind = {
  apiVersion: HYBRID_API,
  kind: 'RemoteAddressClaim',
  schema: shape<RemoteAddressClaimSpec>({
    domainRef: NON_BLANK,
    address: text('ipv4-host'),
    ownerSide: oneOf(['cloud', 'onprem']),
    capture: shape<Capture>(
      { type: oneOf(['provider-secondary-ip', 'proxy-arp']) },
      {
        providerRef: TEXT,
        providerMode: TEXT,
        nicRef: TEXT,
        configureOSAddress: FLAG,
        interface: TEXT,
        gratuitousARP: FLAG,
        excludeAddresses: listOf(NON_BLANK),
        activeWhen: shape<ActiveWhen>(
          {},
          { type: oneOf(['', 'single-router', 'vrrp-master']), virtualAddressRef: TEXT },
        ),
        captureStrategy: TEXT,
      },
    ),
    delivery: shape<RemoteAddressClaimSpec['delivery']>(
      { peerRef: NON_BLANK, mode: oneOf(['route', 'bgp']) },
      { tunnelInterface: TEXT },
    ),
  }),
  checkFields(resource) {
    const { capture } = specOf<RemoteAddressClaimSpec>(resource);
    const absent = NEEDED_BY_CAPTURE[capture.type].filter((member) => isBlank(capture[member]));
    return [
      ...absent.map((member) => ({
        pointer: `/spec/capture/${member}`,
        message: `is required for ${capture.type}`,
      })),
      ...activeWhenErrors(capture.activeWhen),
    ];
  },
  withoutEffect(resource) {
    const { capture } = specOf<RemoteAddressClaimSpec>(resource);
    if (capture.configureOSAddress !== true) return [];
    const message =
      'no address is configured on the system: whoever carries out the effective config must do it';
    return [{ pointer: '/spec/capture/configureOSAddress', message }];
  },
  checkReferences(resource, lookup) {
    const { capture, delivery } = specOf<RemoteAddressClaimSpec>(resource);
    return [
      ...domainErrors(specOf<RemoteAddressClaimSpec>(resource), lookup),
      ...checkReference('/spec/capture/providerRef', CLOUD_PROVIDER_PROFILE, capture.providerRef, lookup),
      ...checkReference('/spec/delivery/peerRef', OVERLAY_PEER, delivery.peerRef, lookup),
    ];
  },
};

function isBlank(value: string | undefined): boolean {
  return (value ?? '').trim() === '';
}

function activeWhenErrors(activeWhen: ActiveWhen | undefined): readonly FieldError[] {
  const needed = activeWhen?.type === 'vrrp-master';
  if (needed !== isBlank(activeWhen?.virtualAddressRef)) return [];
  const message = needed ? 'is required for vrrp-master' : 'is for vrrp-master only';
  return [{ pointer: '/spec/capture/activeWhen/virtualAddressRef', message }];
}

function domainErrors(
  { domainRef, address }: RemoteAddressClaimSpec,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  const domain = lookup(ADDRESS_MOBILITY_DOMAIN.apiVersion, ADDRESS_MOBILITY_DOMAIN.kind, domainRef);
  if (!domain) return checkReference('/spec/domainRef', ADDRESS_MOBILITY_DOMAIN, domainRef, lookup);
  const { prefix } = specOf<AddressMobilityDomainSpec>(domain);
  const [outer, inner] = [parseIpv4Prefix(prefix), parseIpv4Prefix(address)];
  if (outer && inner && containsPrefix(outer, inner)) return [];
  return [
    { pointer: '/spec/address', message: `lies outside ${prefix} of AddressMobilityDomain/${domainRef}` },
  ];
}
