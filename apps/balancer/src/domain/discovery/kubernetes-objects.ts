import { type AddressFamily, familyOf, hostAddressProblem } from '@signalbox/contracts';

/**
 * What a source needs of the objects of a Kubernetes cluster, and no more of it: a cluster has many of them, and all are kept.
 * Shapes and meanings are those of the Kubernetes API (`v1` Service, `discovery.k8s.io/v1` EndpointSlice).
 */
export interface KubernetesObject {
  readonly namespace: string;
  readonly name: string;
  /** Equal only where nothing changed. */
  readonly version: string;
}

/** One port of a Service. */
export interface ServicePort {
  /** Empty for the only port of a Service. */
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** An address that a load balancer wrote into a Service; others than of a plain IP are kept too. */
export type ServiceIngress = Readonly<Record<string, unknown>>;

export interface KubernetesService extends KubernetesObject {
  readonly annotations: Readonly<Record<string, string>>;
  readonly type: string;
  /** It is being deleted and waits for somebody. */
  readonly isEnding: boolean;
  readonly loadBalancerClass?: string;
  readonly loadBalancerIP?: string;
  /** It wants clients of these prefixes only. */
  readonly sourceRanges: readonly string[];
  /** In the order of the Service: the first is its primary one. */
  readonly families: readonly AddressFamily[];
  /** Whether it must be reached by all of {@link families}. */
  readonly needsAllFamilies: boolean;
  /** Seconds that a client stays with its Pod; absent: it does not. */
  readonly affinitySeconds?: number;
  readonly ports: readonly ServicePort[];
  /** As the status says. */
  readonly ingress: readonly ServiceIngress[];
}

/** A port of all endpoints of a slice. */
export interface SlicePort {
  readonly name: string;
  readonly protocol: string;
  /** Absent: all ports, which nothing can be sent to. */
  readonly port?: number;
}

/** One Pod or other place; what a slice does not say is filled in as the Kubernetes API wants it read. */
export interface SliceEndpoint {
  /** The first address: no others have a meaning. */
  readonly address: string;
  readonly isReady: boolean;
  readonly isServing: boolean;
  readonly isTerminating: boolean;
  /** Name of the Pod. */
  readonly pod?: string;
}

export interface KubernetesSlice extends KubernetesObject {
  /** Name of the Service in the same namespace; absent: of none. */
  readonly service?: string;
  /** Absent: of names, which nothing can be sent to. */
  readonly family?: AddressFamily;
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
  /** Addresses that were left out, since no host can have them. */
  readonly unusable: readonly string[];
}

/** Label of an EndpointSlice that names its Service. */
export const SERVICE_LABEL = 'kubernetes.io/service-name';

const FAMILIES: Readonly<Record<string, AddressFamily>> = { IPv4: 'ipv4', IPv6: 'ipv6' };
/** How long a client stays with its Pod when the Service does not say. Seconds. */
const DEFAULT_AFFINITY_SECONDS = 10_800;

/** One text for an object among all of its kind: `namespace/name`. */
export function objectKey({ namespace, name }: Pick<KubernetesObject, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** A Service as the API server sends it. Throws an Error when it is none: nothing of such an answer is to be believed. */
export function readService(value: unknown): KubernetesService {
  const { spec, status, metadata } = membersOf(value);
  const { annotations, deletionTimestamp } = membersOf(metadata);
  const said = membersOf(spec);
  const { loadBalancerClass, loadBalancerIP, sessionAffinity, sessionAffinityConfig } = said;
  const { timeoutSeconds } = membersOf(membersOf(sessionAffinityConfig)['clientIP']);
  const families = listOf(said['ipFamilies']).flatMap((family) => FAMILIES[String(family)] ?? []);
  return {
    ...readObject(value, 'Service'),
    annotations: textsOf(annotations),
    type: textOf(said['type']) ?? 'ClusterIP',
    isEnding: deletionTimestamp !== undefined && deletionTimestamp !== null,
    ...(isFilled(loadBalancerClass) && { loadBalancerClass }),
    ...(isFilled(loadBalancerIP) && { loadBalancerIP }),
    sourceRanges: listOf(said['loadBalancerSourceRanges']).filter(isFilled),
    families: families.length > 0 ? families : ['ipv4'],
    needsAllFamilies: said['ipFamilyPolicy'] === 'RequireDualStack',
    ...(sessionAffinity === 'ClientIP' && {
      affinitySeconds: typeof timeoutSeconds === 'number' ? timeoutSeconds : DEFAULT_AFFINITY_SECONDS,
    }),
    ports: listOf(said['ports']).map(readServicePort),
    ingress: listOf(membersOf(membersOf(status)['loadBalancer'])['ingress']).map(membersOf),
  };
}

/** An EndpointSlice as the API server sends it. Throws as {@link readService} does. */
export function readSlice(value: unknown): KubernetesSlice {
  const { metadata, addressType, ports, endpoints } = membersOf(value);
  const service = membersOf(membersOf(metadata)['labels'])[SERVICE_LABEL];
  const family = FAMILIES[String(addressType)];
  const said = family ? listOf(endpoints).flatMap(readEndpoint) : [];
  const isUsable = ({ address }: SliceEndpoint): boolean =>
    familyOf(address) === family && hostAddressProblem(address) === undefined;
  const usable = said.filter(isUsable);
  return {
    ...readObject(value, 'EndpointSlice'),
    ...(isFilled(service) && { service }),
    ...(family && { family }),
    ports: listOf(ports).map(readSlicePort),
    endpoints: usable,
    unusable:
      usable.length === said.length ? [] : said.filter((one) => !isUsable(one)).map(({ address }) => address),
  };
}

/** Version of an object of any kind, such as that of a bookmark, which has nothing else. Throws when there is none. */
export function readVersion(value: unknown): string {
  const { resourceVersion } = membersOf(membersOf(value)['metadata']);
  if (isFilled(resourceVersion)) return resourceVersion;
  throw new Error('an object has no metadata.resourceVersion');
}

/** Where a member of the object stands; those that everything needs are checked, since nothing can be done without them. */
function readObject(value: unknown, kind: string): KubernetesObject {
  const { namespace, name } = membersOf(membersOf(value)['metadata']);
  if (isFilled(namespace) && isFilled(name)) return { namespace, name, version: readVersion(value) };
  throw new Error(`something without a namespace and a name stands in the place of a ${kind}`);
}

function readServicePort(value: unknown): ServicePort {
  const { name, protocol, port } = membersOf(value);
  return {
    name: textOf(name) ?? '',
    protocol: textOf(protocol) ?? 'TCP',
    port: typeof port === 'number' ? port : 0,
  };
}

function readSlicePort(value: unknown): SlicePort {
  const { name, protocol, port } = membersOf(value);
  return {
    name: textOf(name) ?? '',
    protocol: textOf(protocol) ?? 'TCP',
    ...(typeof port === 'number' && port >= 1 && port <= 65535 && { port }),
  };
}

/** Conditions that are not said: ready, serving as ready, not terminating. Kubernetes API, EndpointConditions. */
function readEndpoint(value: unknown): readonly SliceEndpoint[] {
  const { addresses, conditions, targetRef } = membersOf(value);
  const [address] = listOf(addresses);
  if (!isFilled(address)) return [];
  const { ready, serving, terminating } = membersOf(conditions);
  const isReady = ready !== false;
  const { kind, name } = membersOf(targetRef);
  return [
    {
      address,
      isReady,
      isServing: typeof serving === 'boolean' ? serving : isReady,
      isTerminating: terminating === true,
      ...(kind === 'Pod' && isFilled(name) && { pod: name }),
    },
  ];
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(membersOf(value)).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(texts) as Record<string, string>;
}
