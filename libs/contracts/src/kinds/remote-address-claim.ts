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
  readonly domainRef: string;
  readonly address: string;
  readonly ownerSide: 'cloud' | 'onprem';
  readonly capture: {
    readonly type: 'provider-secondary-ip' | 'proxy-arp';
    readonly providerRef?: string;
    readonly providerMode?: string;
    readonly nicRef?: string;
    readonly configureOSAddress?: boolean;
    readonly interface?: string;
    readonly gratuitousARP?: boolean;
    readonly excludeAddresses?: readonly string[];
    readonly activeWhen?: {
      readonly type?: '' | 'single-router' | 'vrrp-master';
      readonly virtualAddressRef?: string;
    };
    readonly captureStrategy?: string;
  };
  readonly delivery: {
    readonly peerRef: string;
    readonly mode: 'route' | 'bgp';
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
