import type { FieldError } from '../errors.js';
import { type IpRange, networkOf, readIpRange } from '../ip-range.js';
import { pointerToken } from '../json-pointer.js';
import type { Resource, ResourceRef } from '../resource.js';
import { listOf, NON_BLANK, shape } from '../schema/shape.js';

/** What a plugin may bring: resources that fit everything that is given. spec/plugins-and-config "Plugins". */
export interface PluginGrant {
  /** `Kind` or `apiVersion/Kind`. */
  readonly kinds: readonly string[];
  /** Beginning of the name. */
  readonly namePrefix?: string;
  /** Prefixes or addresses that hold every `address`, `addresses`, `prefix`, `prefixes`, `cidr` and `cidrs` of it; absent: any. */
  readonly addressCIDRs?: readonly string[];
}

/** Bounds of the grants of a plugin. */
export const GRANT_LIMITS = { grants: 64, kinds: 256, cidrs: 256 } as const;

/**
 * Members of a spec, at any depth and of any kind, that hold an address, a prefix, a range, or a list of them. What stands in
 * them must lie inside `addressCIDRs`; what is no address there lies inside nothing, and what is blank is absent.
 */
export const GRANT_ADDRESSES: ReadonlySet<string> = new Set([
  'address',
  'addresses',
  'prefix',
  'prefixes',
  'cidr',
  'cidrs',
]);

/** Schema of `Plugin.spec.grants`. */
export const GRANTS = listOf(
  shape<PluginGrant>(
    { kinds: listOf(NON_BLANK, { minItems: 1, maxItems: GRANT_LIMITS.kinds }) },
    {
      namePrefix: NON_BLANK,
      addressCIDRs: listOf(NON_BLANK, { minItems: 1, maxItems: GRANT_LIMITS.cidrs }),
    },
  ),
  { minItems: 1, maxItems: GRANT_LIMITS.grants },
);

/** What is wrong with grants beyond their schema; pointers start at the resource. */
export function grantFieldErrors(grants: readonly PluginGrant[]): readonly FieldError[] {
  return grants.flatMap(({ kinds, addressCIDRs = [] }, at) => [
    ...kinds.flatMap((kind, index) =>
      KIND_NAME.test(kind)
        ? []
        : [
            {
              pointer: `/spec/grants/${at}/kinds/${index}`,
              message: 'must be Kind or apiVersion/Kind, such as RemoteAddressClaim',
            },
          ],
    ),
    ...addressCIDRs.flatMap((text, index) => {
      const range = readIpRange(text);
      const message = typeof range === 'string' ? range : range.prefix === undefined && NO_SPAN;
      return message === false ? [] : [{ pointer: `/spec/grants/${at}/addressCIDRs/${index}`, message }];
    }),
  ]);
}

/** Why no grant covers a resource, or nothing when one does; the pointer starts at the resource. P15. */
export function grantError(grants: readonly PluginGrant[], resource: Resource): FieldError | undefined {
  const ofKind = grants.filter(({ kinds }) => isKindIn(kinds, resource));
  if (ofKind.length === 0) return { pointer: '/kind', message: `${resource.kind} is not granted` };
  const { name } = resource.metadata;
  const ofName = ofKind.filter(({ namePrefix = '' }) => name.startsWith(namePrefix));
  if (ofName.length === 0) {
    const prefixes = ofKind.map(({ namePrefix }) => JSON.stringify(namePrefix)).join(' or ');
    return { pointer: '/metadata/name', message: `must begin with ${prefixes}` };
  }
  const addresses = [...addressesIn(resource.spec, '/spec')];
  const outside = ofName.map(({ addressCIDRs }) => addressCIDRs && firstOutside(addresses, addressCIDRs));
  return outside.includes(undefined) ? undefined : outside[0];
}

/** Why no grant covers a mask, or nothing when one does: what it is called and where it lies is for the policy to say. */
export function maskGrantError(grants: readonly PluginGrant[], target: ResourceRef): string | undefined {
  return grants.some(({ kinds }) => isKindIn(kinds, target)) ? undefined : `${target.kind} is not granted`;
}

const KIND_NAME = /^(?:[^\s/]+\/){0,2}[A-Za-z][A-Za-z0-9]{0,62}$/;
const NO_SPAN = 'must be a prefix such as 192.0.2.0/24 or 2001:db8::/64, or an address';

function isKindIn(
  kinds: readonly string[],
  { apiVersion, kind }: Pick<Resource, 'apiVersion' | 'kind'>,
): boolean {
  return kinds.includes(kind) || kinds.includes(`${apiVersion}/${kind}`);
}

interface AddressField {
  readonly pointer: string;
  readonly text: string;
}

function* addressesIn(value: unknown, pointer: string, isAddress = false): Generator<AddressField> {
  if (typeof value === 'string') {
    if (isAddress && value.trim() !== '') yield { pointer, text: value.trim() };
  } else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) yield* addressesIn(entry, `${pointer}/${index}`, isAddress);
  } else if (typeof value === 'object' && value !== null) {
    for (const [member, inner] of Object.entries(value))
      yield* addressesIn(inner, `${pointer}/${pointerToken(member)}`, GRANT_ADDRESSES.has(member));
  }
}

function firstOutside(addresses: readonly AddressField[], cidrs: readonly string[]): FieldError | undefined {
  const ranges = cidrs.map(networkOf).filter((range) => range !== undefined);
  const outside = addresses.find(({ text }) => {
    const range = networkOf(text);
    return range === undefined || !ranges.some((outer) => encloses(outer, range));
  });
  return outside && { pointer: outside.pointer, message: `${outside.text} lies outside ${cidrs.join(', ')}` };
}

function encloses(outer: IpRange, inner: IpRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}
