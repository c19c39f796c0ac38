import { canonicalJson } from '../../canonical-json.js';
import type { FieldError } from '../../errors.js';
import { FORWARDINGS, LISTENER_PROTOCOLS, readsRequests } from '../../node-state/node-state.js';
import { FLAG, listOf, NON_BLANK, oneOf, shape, TEXT, text, wholeNumber } from '../../schema/shape.js';
import type { Kind, ResourceLookup } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { dsrLack, dsrOptionErrors } from './listener-forwarding.js';
import { certificateErrors, repeated, REQUEST_OPTIONS, requestOptionErrors } from './listener-options.js';
import {
  DEFAULT_AFFINITY_TIMEOUT,
  DEFAULT_ALGORITHM,
  type ListenerSpec,
  type PoolSpec,
} from './load-balancer-specs.js';
import { LOAD_BALANCER } from './load-balancer.js';
import { POOL } from './pool.js';
import { BALANCE_API } from './specs.js';
import { TIER_RULES } from './tier-rules.js';

/** Most connections that a limit may name. */
export const MAX_CONNECTIONS = 10_000_000;

/** One port of a LoadBalancer and the pools that serve it. spec/balance "Resources". */
export const LISTENER: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Listener',
  schema: shape<ListenerSpec>(
    {
      loadBalancer: NON_BLANK,
      protocol: oneOf(LISTENER_PROTOCOLS),
      port: wholeNumber(1, 65535),
      pools: listOf(NON_BLANK, { minItems: 1 }),
    },
    {
      description: TEXT,
      enabled: FLAG,
      forwarding: oneOf(FORWARDINGS),
      connectionLimit: wholeNumber(1, MAX_CONNECTIONS),
      connectTimeout: text('duration'),
      clientTimeout: text('duration-or-zero'),
      targetTimeout: text('duration-or-zero'),
      ...REQUEST_OPTIONS,
      ...TIER_RULES,
    },
  ),
  checkFields(resource) {
    const spec = specOf<ListenerSpec>(resource);
    return [
      ...repeated(spec.pools, poolPointer, 'pool'),
      ...requestOptionErrors(spec),
      ...dsrOptionErrors(spec),
    ];
  },
  checkReferences(resource, lookup) {
    const spec = specOf<ListenerSpec>(resource);
    return [
      ...checkReference('/spec/loadBalancer', LOAD_BALANCER, spec.loadBalancer, lookup),
      ...spec.pools.flatMap((name, at) => checkReference(poolPointer(at), POOL, name, lookup)),
      ...certificateErrors(spec, lookup),
      ...tierErrors(spec, lookup),
    ];
  },
};

/** Where a Listener names one of its pools. */
export function poolPointer(at: number): string {
  return `/spec/pools/${at}`;
}

/**
 * The pools of one listener spread and remember clients alike, because a failover must not build the data plane anew; only
 * a proxy of requests can see cookies. ADR 0023.
 */
function tierErrors(
  { pools, protocol, forwarding }: ListenerSpec,
  lookup: ResourceLookup,
): readonly FieldError[] {
  const tiers = pools.flatMap((name, at) => {
    const pool = lookup(POOL.apiVersion, POOL.kind, name);
    return pool ? [{ name, at, spec: specOf<PoolSpec>(pool) }] : [];
  });
  const [first] = tiers;
  return tiers.flatMap(({ name, at, spec }): readonly FieldError[] => {
    const pointer = poolPointer(at);
    const lack = transportLack(protocol, spec) ?? (forwarding === 'dsr' ? dsrLack(spec) : undefined);
    if (lack !== undefined) return [{ pointer, message: `Pool/${name} has ${lack}` }];
    const differing = first && differenceOf(first.spec, spec);
    if (differing === undefined) return [];
    const message = `Pool/${name} has another ${differing} than Pool/${first!.name}: pools of one listener share it`;
    return [{ pointer, message }];
  });
}

/** What a pool asks for that the protocol of the listener has not. */
function transportLack(
  protocol: ListenerSpec['protocol'],
  { affinity, proxyProtocol }: PoolSpec,
): string | undefined {
  if (!readsRequests(protocol) && affinity && affinity.type !== 'source-ip')
    return `the affinity ${affinity.type}, which needs protocol http or terminated-https`;
  return protocol === 'udp' && proxyProtocol !== undefined
    ? `a proxyProtocol, which needs connections: the protocol is udp`
    : undefined;
}

function differenceOf(
  a: PoolSpec,
  b: PoolSpec,
): 'algorithm' | 'tableSize' | 'proxyProtocol' | 'affinity' | undefined {
  if ((a.algorithm ?? DEFAULT_ALGORITHM) !== (b.algorithm ?? DEFAULT_ALGORITHM)) return 'algorithm';
  if (a.tableSize !== b.tableSize) return 'tableSize';
  if (a.proxyProtocol !== b.proxyProtocol) return 'proxyProtocol';
  return affinityText(a) === affinityText(b) ? undefined : 'affinity';
}

function affinityText({ affinity }: PoolSpec): string {
  if (affinity?.type !== 'source-ip') return canonicalJson(affinity ?? {});
  return canonicalJson({ timeout: DEFAULT_AFFINITY_TIMEOUT, ...affinity });
}
