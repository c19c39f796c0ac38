import type { FieldError } from '../errors.js';
import { isGroupName } from '../fact.js';
import { canonicalAddress, familyOf } from '../ip-address.js';
import type { Resource } from '../resource.js';
import { FORMATS } from '../schema/formats.js';
import { listOf, NON_BLANK, oneOf, shape, text, wholeNumber } from '../schema/shape.js';
import type { Kind } from './kind.js';
import { type EventGroupSpec, FEDERATION_API } from './specs.js';
import { specOf } from './spec-of.js';

/**
 * A named bus and our identity on it. Reference 2.1, spec/federation.
 * The name is a DNS label because it is part of stream names and subjects (architecture section 5). Whoever listens
 * needs `auth.secretFile` (T23); that the file does not exist yet is no error here, only a pending listener.
 */
export const EVENT_GROUP: Kind = {
  apiVersion: FEDERATION_API,
  kind: 'EventGroup',
  schema: shape<EventGroupSpec>(
    { nodeName: text('node-name') },
    {
      auth: shape<NonNullable<EventGroupSpec['auth']>>(
        {},
        { mode: oneOf(['', 'hmac']), secretFile: NON_BLANK },
      ),
      listen: shape<NonNullable<EventGroupSpec['listen']>>({
        address: text('host'),
        port: wholeNumber(1, 65535),
      }),
      replayWindow: text('duration'),
      members: listOf(text('node-name')),
    },
  ),
  checkFields(resource) {
    const { auth, listen } = specOf<EventGroupSpec>(resource);
    const errors: FieldError[] = [];
    if (!isGroupName(resource.metadata.name))
      errors.push({ pointer: '/metadata/name', message: FORMATS['group-name'].expected });
    if (listen && auth?.secretFile === undefined)
      errors.push({
        pointer: '/spec/auth/secretFile',
        message: 'is required when the group listens for peers',
      });
    return errors;
  },
};

/** `address:port` where a group listens, in one spelling, or undefined when it does not: no two groups may share it. */
export function listenKey(resource: Resource): string | undefined {
  const { listen } = specOf<EventGroupSpec>(resource);
  return listen && `${canonicalHost(listen.address)}:${listen.port}`;
}

function canonicalHost(host: string): string {
  const address = canonicalAddress(host);
  return familyOf(host) === 'ipv6' ? `[${address}]` : address;
}
