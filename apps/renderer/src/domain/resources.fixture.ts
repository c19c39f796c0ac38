import {
  ADDRESS_MOBILITY_DOMAIN,
  CodedError,
  CONFIG_API,
  type Directive,
  type DynamicOverridePolicySpec,
  FEDERATION_API,
  HYBRID_API,
  isOfKind,
  type LookupOf,
  PLUGIN_API,
  type PluginGrant,
  type ReferenceFieldError,
  REMOTE_ADDRESS_CLAIM,
  RESOURCE_SCHEMA,
  type Resource,
  type ResourceRef,
  type SetRule,
} from '@signalbox/contracts';
import type { MergeRules } from './part-content.js';

/**
 * A claim of an address; `domain` and `refs` are references to an AddressMobilityDomain and to other claims. Two claims of one site
 * do not have one seat; the site that one wishes for is that of some domain.
 */
export function claim(
  name: string,
  {
    address = '10.0.0.1/32',
    domain,
    refs,
    seat,
    wish,
    annotations,
  }: {
    address?: string | undefined;
    domain?: string | undefined;
    refs?: readonly string[] | undefined;
    seat?: string | undefined;
    wish?: string | undefined;
    annotations?: Readonly<Record<string, string>> | undefined;
  } = {},
): Resource {
  return {
    apiVersion: HYBRID_API,
    kind: 'RemoteAddressClaim',
    metadata: { name, ...(annotations && { annotations }) },
    spec: {
      address,
      ...(domain !== undefined && { domainRef: domain }),
      ...(refs && { refs }),
      ...(seat !== undefined && { seat }),
      ...(wish !== undefined && { wish }),
    },
  };
}

/** A domain that holds the addresses that begin with `prefix`; its site is its name unless told. */
export function domain(name: string, prefix = '10.', site?: string): Resource {
  const spec = { prefix, ...(site !== undefined && { site }) };
  return { apiVersion: HYBRID_API, kind: 'AddressMobilityDomain', metadata: { name }, spec };
}

/** A policy that allows each of the sources or owners to mask each of the resources. */
export function policy(
  name: string,
  sources: readonly string[],
  targets: readonly Resource[],
): Resource & { readonly spec: object } {
  const allow: DynamicOverridePolicySpec['allow'] = sources.map((source) => ({
    source,
    operations: ['mask'],
    targets: targets.map(targetOf),
  }));
  return { apiVersion: CONFIG_API, kind: 'DynamicOverridePolicy', metadata: { name }, spec: { allow } };
}

/** A plugin with grants, or with none. */
export function plugin(name: string, grants?: readonly PluginGrant[]): Resource {
  const spec = { executable: '/opt/plugins/planner', ...(grants && { grants }) };
  return { apiVersion: PLUGIN_API, kind: 'Plugin', metadata: { name }, spec };
}

/** A subscription to a group that starts the plugin `planner`. */
export function subscriptionTo(name: string, groupRef: string): Resource {
  const spec = { groupRef, match: { types: ['*'] }, trigger: { pluginRef: 'planner' } };
  return { apiVersion: FEDERATION_API, kind: 'EventSubscription', metadata: { name }, spec };
}

/** An owner of parts, perhaps one that takes over from another. */
export function subscription(name: string, renamedFrom?: string): Resource {
  const metadata = { name, ...(renamedFrom !== undefined && { renamedFrom }) };
  return { ...subscriptionTo(name, 'default'), metadata };
}

/** The schema of the specs of claims. */
export function claimSchema(schema: Readonly<Record<string, unknown>>): Resource {
  const spec = { apiVersion: HYBRID_API, kind: 'RemoteAddressClaim', schema };
  return {
    apiVersion: RESOURCE_SCHEMA.apiVersion,
    kind: RESOURCE_SCHEMA.kind,
    metadata: { name: 'claims' },
    spec,
  };
}

/** What masks a resource. */
export function mask(resource: Resource, reason?: string): Directive {
  return { op: 'mask', target: targetOf(resource), ...(reason !== undefined && { reason }) };
}

function targetOf({ apiVersion, kind, metadata: { name } }: Resource): Directive['target'] {
  return { apiVersion, kind, name };
}

export function identity({ apiVersion, kind, metadata }: Resource): ResourceRef {
  return { apiVersion, kind, project: metadata.project ?? 'default', name: metadata.name };
}

/** Whether two claims of one site have one seat: found over their domains, of which several may be of one site. */
export const ONE_SEAT: SetRule = {
  about: [REMOTE_ADDRESS_CLAIM],
  places(resource) {
    if (isOfKind(resource, ADDRESS_MOBILITY_DOMAIN)) return [`site ${siteOf(resource)}`];
    const { domainRef, seat } = resource.spec;
    return typeof domainRef === 'string' && seat !== undefined ? [`seats of ${domainRef}`] : [];
  },
  *near(claimed, { at, lookupOf }) {
    const found = domainOf(claimed, lookupOf);
    if (found) for (const { metadata } of at(`site ${siteOf(found)}`)) yield* at(`seats of ${metadata.name}`);
  },
  over(resources, lookupOf) {
    const seats = new Map<string, Resource[]>();
    for (const resource of resources) {
      const seat = seatOf(resource, lookupOf);
      if (seat !== undefined) seats.set(seat, [...(seats.get(seat) ?? []), resource]);
    }
    return (resource) => {
      const other = seats
        .get(seatOf(resource, lookupOf) ?? '')
        ?.find((one) => one.metadata.name !== resource.metadata.name);
      return other ? [{ pointer: '/spec/seat', message: `is that of ${other.metadata.name}` }] : [];
    };
  },
};

/** Whether there is a domain of the site that a claim wishes for. */
const WISHES_COME_TRUE: SetRule = {
  about: [REMOTE_ADDRESS_CLAIM],
  helpedBy: [ADDRESS_MOBILITY_DOMAIN],
  places: (resource) =>
    isOfKind(resource, ADDRESS_MOBILITY_DOMAIN) ? [`wished site ${siteOf(resource)}`] : [],
  *near({ spec }, { at }) {
    if (typeof spec['wish'] === 'string') yield* at(`wished site ${spec['wish']}`);
  },
  over(resources) {
    const sites = new Set(Array.from(resources, siteOf));
    return ({ spec: { wish } }) =>
      typeof wish !== 'string' || sites.has(wish)
        ? []
        : [{ pointer: '/spec/wish', message: `no domain is of ${wish}` }];
  },
};

function seatOf(resource: Resource, lookupOf: LookupOf): string | undefined {
  const { seat } = resource.spec;
  const found = typeof seat === 'string' ? domainOf(resource, lookupOf) : undefined;
  return found && `${siteOf(found)} ${String(seat)}`;
}

function domainOf(resource: Resource, lookupOf: LookupOf): Resource | undefined {
  const { domainRef } = resource.spec;
  return typeof domainRef === 'string'
    ? lookupOf(resource)(HYBRID_API, 'AddressMobilityDomain', domainRef)
    : undefined;
}

function siteOf({ metadata, spec }: Resource): string {
  return typeof spec['site'] === 'string' ? spec['site'] : metadata.name;
}

/** Rules of the same shape as the real kinds: an address is required, references must resolve and fit. */
export const RULES: MergeRules = {
  validate: (input) => {
    const resource = input as Resource;
    if (resource.kind === 'RemoteAddressClaim' && typeof resource.spec['address'] !== 'string') {
      const errors = [{ pointer: '/spec/address', message: 'is required' }];
      throw new CodedError('validation-failed', 'the resource is not valid', errors);
    }
    return resource;
  },
  checkReferences: ({ spec }, lookup) => {
    const errors: ReferenceFieldError[] = [];
    const missing = (kind: string, name: string): ResourceRef => ({
      apiVersion: HYBRID_API,
      kind,
      project: 'default',
      name,
    });
    const domainRef = spec['domainRef'];
    if (typeof domainRef === 'string') {
      const found = lookup(HYBRID_API, 'AddressMobilityDomain', domainRef);
      if (found === undefined)
        errors.push({
          pointer: '/spec/domainRef',
          message: `${domainRef} is not there`,
          missing: missing('AddressMobilityDomain', domainRef),
        });
      else if (!String(spec['address']).startsWith(String(found.spec['prefix']))) {
        errors.push({ pointer: '/spec/address', message: `lies outside of ${domainRef}` });
      }
    }
    for (const [index, name] of ((spec['refs'] ?? []) as string[]).entries()) {
      if (lookup(HYBRID_API, 'RemoteAddressClaim', name) === undefined) {
        errors.push({
          pointer: `/spec/refs/${index}`,
          message: `${name} is not there`,
          missing: missing('RemoteAddressClaim', name),
        });
      }
    }
    return errors;
  },
  setRules: [ONE_SEAT, WISHES_COME_TRUE],
};
