import { parseDuration } from '../../duration.js';
import type { FieldError } from '../../errors.js';
import { canonicalAddress, familyOf } from '../../ip-address.js';
import { FLAG, listOf, shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import type { BgpPeerSpec } from './announcement-specs.js';
import { BFD_PROFILE } from './bfd-profile.js';
import { hostAddressErrors } from './host-address.js';
import { repeated } from './listener-options.js';
import { BALANCE_API } from './specs.js';

/** Defaults of a BgpPeer; the keepalive time is a third of the hold time. RFC 4271 section 10. */
export const BGP_PEER_DEFAULTS = {
  port: 179,
  holdTime: '90s',
  connectTime: '5s',
  gracefulRestart: false,
} as const;

/** Whole seconds that BGP can tell: two bytes. RFC 4271 section 4.2. */
const MOST_SECONDS = 65_535;
/** RFC 4271 section 4.2: below three seconds a hold time is no valid one. */
const LEAST_HOLD_SECONDS = 3;
/** Most groups that a peer may be for. */
const MAX_GROUPS = 1000;

const ASN = wholeNumber(1, 2 ** 32 - 1);
const LINK_LOCAL = /^(?:fe[89ab][0-9a-f]:)/;

/** A router to which nodes announce VIPs. ADR 0042. */
export const BGP_PEER: Kind = {
  apiVersion: BALANCE_API,
  kind: 'BgpPeer',
  schema: shape<BgpPeerSpec>(
    { address: text('ip'), asn: ASN, localAsn: ASN },
    {
      port: wholeNumber(1, 65535),
      localAddress: text('ip'),
      nodeGroups: listOf(text('resource-ref'), { minItems: 1, maxItems: MAX_GROUPS }),
      holdTime: text('duration'),
      keepaliveTime: text('duration'),
      connectTime: text('duration'),
      passwordFile: text('absolute-path'),
      multihop: wholeNumber(2, 255),
      bfdProfile: text('resource-ref'),
      gracefulRestart: FLAG,
    },
  ),
  whyDefaultProject: 'a router is told of the VIPs of all projects',
  checkFields(resource) {
    const spec = specOf<BgpPeerSpec>(resource);
    return [
      ...hostAddressErrors(spec, 'address', 'localAddress'),
      ...addressErrors(spec),
      ...timeErrors(spec),
      ...repeated(spec.nodeGroups ?? [], (at) => `/spec/nodeGroups/${at}`, 'group'),
    ];
  },
  checkReferences(resource, lookup) {
    const { bfdProfile } = specOf<BgpPeerSpec>(resource);
    return checkReference('/spec/bfdProfile', BFD_PROFILE, bfdProfile, lookup);
  },
};

function addressErrors({ address, localAddress }: BgpPeerSpec): readonly FieldError[] {
  const errors = Object.entries({ address, localAddress }).flatMap(([field, text]): FieldError[] =>
    text !== undefined && LINK_LOCAL.test(canonicalAddress(text))
      ? [
          {
            pointer: `/spec/${field}`,
            message: 'is link-local, and there is one of it on each segment: name a global one',
          },
        ]
      : [],
  );
  if (localAddress === undefined || familyOf(localAddress) === familyOf(address)) return errors;
  return [...errors, { pointer: '/spec/localAddress', message: `is of another family than ${address}` }];
}

function timeErrors(spec: BgpPeerSpec): readonly FieldError[] {
  const { holdTime, keepaliveTime, connectTime } = { ...BGP_PEER_DEFAULTS, ...spec };
  const errors = Object.entries({ holdTime, keepaliveTime, connectTime }).flatMap(([field, time]) => {
    const seconds = time === undefined ? 1 : parseDuration(time) / 1000;
    const least = field === 'holdTime' ? LEAST_HOLD_SECONDS : 1;
    if (Number.isInteger(seconds) && seconds >= least && seconds <= MOST_SECONDS) return [];
    return [
      { pointer: `/spec/${field}`, message: `must be whole seconds from ${least}s to ${MOST_SECONDS}s` },
    ];
  });
  if (
    errors.length > 0 ||
    keepaliveTime === undefined ||
    parseDuration(keepaliveTime) <= parseDuration(holdTime)
  )
    return errors;
  return [
    {
      pointer: '/spec/keepaliveTime',
      message: `must not be longer than holdTime (${holdTime}), after which the session ends`,
    },
  ];
}
