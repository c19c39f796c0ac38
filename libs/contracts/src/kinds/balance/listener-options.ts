import type { FieldError } from '../../errors.js';
import { INSERTABLE_HEADERS, TLS_VERSIONS } from '../../node-state/listener-tls.js';
import { readsRequests } from '../../node-state/node-state.js';
import { FLAG, listOf, NON_BLANK, oneOf, type Schema, shape } from '../../schema/shape.js';
import type { ReferenceFieldError, ResourceLookup } from '../kind.js';
import { checkReference } from '../reference.js';
import { CERTIFICATE } from './certificate.js';
import type { ListenerSpec, ListenerTlsSpec } from './load-balancer-specs.js';

/** Most certificates of one listener. */
export const MAX_CERTIFICATES = 100;

/** Schemas of what a Listener says of TLS and of headers. */
export const REQUEST_OPTIONS: Readonly<Record<'tls' | 'insertHeaders', Schema>> = {
  tls: shape<ListenerTlsSpec>(
    { certificates: listOf(NON_BLANK, { minItems: 1, maxItems: MAX_CERTIFICATES }) },
    { minVersion: oneOf(TLS_VERSIONS), http2: FLAG },
  ),
  insertHeaders: listOf(oneOf(INSERTABLE_HEADERS)),
};

/** TLS ends at `terminated-https` and nowhere else; only a proxy of requests can change them. */
export function requestOptionErrors({ protocol, tls, insertHeaders }: ListenerSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (protocol === 'terminated-https' && !tls)
    errors.push({ pointer: '/spec/tls', message: `is required with protocol ${protocol}` });
  if (protocol !== 'terminated-https' && tls)
    errors.push({
      pointer: '/spec/tls',
      message: `is of protocol terminated-https only: the protocol is ${protocol}`,
    });
  if (insertHeaders && !readsRequests(protocol))
    errors.push({
      pointer: '/spec/insertHeaders',
      message: `needs protocol http or terminated-https: the protocol is ${protocol}`,
    });
  return [
    ...errors,
    ...repeated(tls?.certificates ?? [], certificatePointer, 'certificate'),
    ...repeated(insertHeaders ?? [], (at) => `/spec/insertHeaders/${at}`, 'header'),
  ];
}

/** The Certificates that a Listener names, in its own project. */
export function certificateErrors(
  { tls }: ListenerSpec,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  return (tls?.certificates ?? []).flatMap((name, at) =>
    checkReference(certificatePointer(at), CERTIFICATE, name, lookup),
  );
}

/** An entry that stands in a list twice, at the second place. */
export function repeated(
  names: readonly string[],
  pointerOf: (at: number) => string,
  what: string,
): readonly FieldError[] {
  return names.flatMap((name, at) => {
    const first = names.indexOf(name);
    return first === at ? [] : [{ pointer: pointerOf(at), message: `is already ${what} ${first}` }];
  });
}

function certificatePointer(at: number): string {
  return `/spec/tls/certificates/${at}`;
}
