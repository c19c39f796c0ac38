import type { FieldError } from '../errors.js';
import { isGroupName } from '../fact-grammar.js';
import { canonicalAddress, familyOf } from '../ip-address.js';
import type { Resource } from '../resource.js';
import { FORMATS } from '../schema/formats.js';
import {
  ANY_OBJECT,
  COUNT,
  FLAG,
  listOf,
  NON_BLANK,
  oneOf,
  shape,
  TEXT,
  text,
  wholeNumber,
} from '../schema/shape.js';
import type { Kind } from './kind.js';
import { type EventGroupSpec, FEDERATION_API } from './specs.js';
import { specOf } from './spec-of.js';

type PeersFrom = NonNullable<EventGroupSpec['peersFrom']>[number];

/**
 * A named bus and our identity on it. Reference 2.1, spec/federation.
 * The name is part of stream names and subjects as it stands (ADR 0010). Whoever listens or derives peers
 * needs `auth.secretFile` (T23); that the file does not exist yet is no error here, only a pending listener.
 */
export const EVENT_GROUP: Kind = {
  apiVersion: FEDERATION_API,
  kind: 'EventGroup',
  // kinds of projects, such as BackendSource, refer to it from each
  whyDefaultProject: '*.routerd.net kinds live there only',
  schema: shape<EventGroupSpec>(
    { nodeName: text('node-name') },
    {
      auth: shape<NonNullable<EventGroupSpec['auth']>>(
        {},
        { mode: oneOf(['', 'hmac']), secretFile: NON_BLANK, secretRef: TEXT },
      ),
      listen: shape<NonNullable<EventGroupSpec['listen']>>(
        {},
        { address: text('host-or-blank'), port: wholeNumber(0, 65535) },
      ),
      replayWindow: text('go-duration'),
      members: listOf(text('node-name')),
      retention: shape<NonNullable<EventGroupSpec['retention']>>(
        {},
        { maxEvents: COUNT, maxAge: text('go-duration') },
      ),
      peersFrom: listOf(shape<PeersFrom>({ resource: text('node-set-ref') }, { optional: FLAG })),
      when: ANY_OBJECT,
    },
  ),
  checkName: (name) =>
    isGroupName(name) ? [] : [{ pointer: '/metadata/name', message: FORMATS['group-name'].expected }],
  checkFields(resource) {
    const { auth, listen, peersFrom = [] } = specOf<EventGroupSpec>(resource);
    const errors: FieldError[] = [];
    const hasAddress = !isBlank(listen?.address);
    const hasPort = (listen?.port ?? 0) > 0;
    if (hasPort && !hasAddress)
      errors.push({
        pointer: '/spec/listen/address',
        message: 'is required with a port: say where to listen (without both, the group only pushes)',
      });
    if (hasAddress && !hasPort)
      errors.push({ pointer: '/spec/listen/port', message: 'is required with an address: 1 to 65535' });
    if (auth?.secretFile === undefined && (hasAddress || hasPort || peersFrom.length > 0)) {
      const why = hasAddress || hasPort ? 'listens for peers' : 'has peers';
      errors.push({ pointer: '/spec/auth/secretFile', message: `is required when the group ${why}` });
    }
    return errors;
  },
  withoutEffect(resource) {
    const { auth, peersFrom = [], when } = specOf<EventGroupSpec>(resource);
    return [
      ...(isBlank(auth?.secretRef)
        ? []
        : [{ pointer: '/spec/auth/secretRef', message: 'is not read: the secret comes from secretFile' }]),
      ...(peersFrom.length === 0
        ? []
        : [{ pointer: '/spec/peersFrom', message: 'no peers are derived: declare an EventPeer for each' }]),
      ...(when === undefined
        ? []
        : [{ pointer: '/spec/when', message: 'is not evaluated: the group is always active' }]),
    ];
  },
};

/** Where a group receives what peers push, or undefined when it only pushes. */
export function listenPlace({
  listen,
}: EventGroupSpec): { readonly address: string; readonly port: number } | undefined {
  const { address = '', port = 0 } = listen ?? {};
  return isBlank(address) || port === 0 ? undefined : { address: address.trim(), port };
}

/** `address:port` where a group listens, in one spelling, or undefined when it does not: no two groups may share it. */
export function listenKey(resource: Resource): string | undefined {
  const place = listenPlace(specOf<EventGroupSpec>(resource));
  return place && `${canonicalHost(place.address)}:${place.port}`;
}

function canonicalHost(host: string): string {
  const address = canonicalAddress(host);
  return familyOf(host) === 'ipv6' ? `[${address}]` : address;
}

function isBlank(value: string | undefined): boolean {
  return (value ?? '').trim() === '';
}
