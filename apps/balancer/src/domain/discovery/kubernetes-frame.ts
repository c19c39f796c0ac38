import {
  type AddressFamily,
  type AffinitySpec,
  type Algorithm,
  ALGORITHMS,
  BALANCE_API,
  canonicalAddress,
  CodedError,
  DEFAULT_PROJECT,
  familyOf,
  hostAddressProblem,
  type KubernetesSourceSpec,
  type ListenerSpec,
  type LoadBalancerSpec,
  type PoolSpec,
  type Resource,
  validateResource,
  type VipClaimSpec,
} from '@signalbox/contracts';
import { MADE_FOR } from './fitting-part.js';
import { type KubernetesService, objectKey, type ServicePort } from './kubernetes-objects.js';

/** The source that Services are read for. */
export interface FrameSource {
  /** Of the BackendSource, without its project. */
  readonly name: string;
  readonly project: string;
  readonly spec: KubernetesSourceSpec;
}

/** A Pool of a Service, and which endpoints join it. */
export interface ServicePool {
  /** Name of the Pool. */
  readonly pool: string;
  readonly family: AddressFamily;
  /** Of the Service and of its slices; how Kubernetes leads from a port to a targetPort. */
  readonly portName: string;
  readonly protocol: string;
}

/** What becomes of a Service. */
export interface ServiceFrame {
  /** VipClaims, LoadBalancers, Listeners and Pools, valid and in the project of the source. */
  readonly resources: readonly Resource[];
  readonly pools: readonly ServicePool[];
  /** The LoadBalancer for each family, by name; the primary family first. */
  readonly loadBalancers: readonly string[];
  /** What was left out of it, and why. */
  readonly refused: readonly string[];
}

/** Annotations of a Service for what it has no field for. */
export const SERVICE_ANNOTATIONS = {
  algorithm: 'signalbox.dev/algorithm',
  vipPool: 'signalbox.dev/vip-pool',
  sharingKey: 'signalbox.dev/sharing-key',
} as const;

const PROTOCOLS: Readonly<Record<string, 'tcp' | 'udp'>> = { TCP: 'tcp', UDP: 'udp' };

const NOTHING: ServiceFrame = { resources: [], pools: [], loadBalancers: [], refused: [] };

/** Whether a Service is one that the source serves. */
export function isServed({ spec }: FrameSource, service: KubernetesService): boolean {
  if (service.type !== 'LoadBalancer' || service.isEnding) return false;
  if (service.loadBalancerClass !== spec.loadBalancerClass) return false;
  return spec.namespace === undefined || service.namespace === spec.namespace;
}

/**
 * What a Service brings: for each of its families a VipClaim and a LoadBalancer, for each of its ports a Listener and a Pool. A
 * Service that cannot be had whole in what it wants of its clients brings nothing; a wrong wish is left out. ADR 0028.
 */
export function frameOf(source: FrameSource, service: KubernetesService): ServiceFrame {
  if (!isServed(source, service)) return NOTHING;
  const where = `Service ${objectKey(service)}`;
  const { sourceRanges, families, needsAllFamilies } = service;
  if (sourceRanges.length > 0) {
    const why = `loadBalancerSourceRanges ${sourceRanges.join(', ')} cannot be kept, so it is not served to anybody: leave them out`;
    return { ...NOTHING, refused: [`${where}: ${why}`] };
  }
  const refused: string[] = [];
  const refuse = (why: string): void => void refused.push(`${where}: ${why}`);
  const ports = portsOf(service, refuse);
  if (ports.length === 0) return { ...NOTHING, refused };
  const wishes = wishesOf(source, service, refuse);
  const wanted = needsAllFamilies ? families : families.slice(0, 1);
  const parts = wanted.map((family, at) => familyPart({ source, service, family, at, ports, wishes }));
  const built = validated(parts.flatMap(({ resources }) => resources));
  if ('wrong' in built) return { ...NOTHING, refused: [`${where}: ${built.wrong}`] };
  return {
    resources: built.resources,
    pools: parts.flatMap(({ pools }) => pools),
    loadBalancers: parts.map(({ loadBalancer }) => loadBalancer),
    refused,
  };
}

interface Wishes {
  readonly algorithm?: Algorithm;
  readonly vipPool?: string;
  readonly sharingKey?: string;
  readonly address?: string;
}

function portsOf(service: KubernetesService, refuse: (why: string) => void): readonly ServicePort[] {
  if (service.ports.length === 0) refuse('it has no ports');
  return service.ports.filter(({ protocol, port }) => {
    if (PROTOCOLS[protocol]) return true;
    refuse(`port ${port} is of ${protocol}, and only TCP and UDP are balanced`);
    return false;
  });
}

function wishesOf(
  { project, spec }: FrameSource,
  { annotations, families, needsAllFamilies, loadBalancerIP }: KubernetesService,
  refuse: (why: string) => void,
): Wishes {
  const algorithm = annotations[SERVICE_ANNOTATIONS.algorithm];
  const isAlgorithm = (text: string): text is Algorithm => ALGORITHMS.some((known) => known === text);
  if (algorithm !== undefined && !isAlgorithm(algorithm))
    refuse(`annotation ${SERVICE_ANNOTATIONS.algorithm} must be one of ${ALGORITHMS.join(', ')}`);
  const nameIn = (annotation: string, field: 'pool' | 'sharingKey'): string | undefined => {
    const name = annotations[annotation];
    if (name === undefined) return undefined;
    const checked = validated([resource('VipClaim', project, 'checked', '', { [field]: name })]);
    if ('resources' in checked) return name;
    refuse(`annotation ${annotation} must be a name: 1-253 printable characters without blanks`);
    return undefined;
  };
  const vipPool = nameIn(SERVICE_ANNOTATIONS.vipPool, 'pool') ?? spec.vipPool;
  const sharingKey = nameIn(SERVICE_ANNOTATIONS.sharingKey, 'sharingKey');
  const wanted = needsAllFamilies ? families : families.slice(0, 1);
  const problem = loadBalancerIP === undefined ? undefined : addressProblem(loadBalancerIP, wanted);
  if (problem !== undefined) refuse(`loadBalancerIP ${JSON.stringify(loadBalancerIP)} ${problem}`);
  return {
    ...(algorithm !== undefined && isAlgorithm(algorithm) && { algorithm }),
    ...(vipPool !== undefined && { vipPool }),
    ...(sharingKey !== undefined && { sharingKey }),
    ...(loadBalancerIP !== undefined &&
      problem === undefined && { address: canonicalAddress(loadBalancerIP) }),
  };
}

function addressProblem(address: string, families: readonly AddressFamily[]): string | undefined {
  const family = familyOf(address);
  if (family === undefined) return 'is no IP address';
  if (!families.includes(family)) return `is not of the family of the Service, ${families.join(' and ')}`;
  return hostAddressProblem(address);
}

/** All that one family of a Service needs. Names of Services and namespaces have neither dots nor underscores. */
function familyPart(asked: {
  readonly source: FrameSource;
  readonly service: KubernetesService;
  readonly family: AddressFamily;
  readonly at: number;
  readonly ports: readonly ServicePort[];
  readonly wishes: Wishes;
}): { resources: readonly Resource[]; pools: readonly ServicePool[]; loadBalancer: string } {
  const { source, service, family, at, ports, wishes } = asked;
  const ofPlace = `${source.name}.${service.namespace}.${service.name}`;
  const name = at === 0 ? ofPlace : `${ofPlace}_${family}`;
  const make = (kind: string, called: string, spec: object): Resource =>
    resource(kind, source.project, called, objectKey(service), spec);
  const claim: VipClaimSpec = {
    family,
    ...(wishes.vipPool !== undefined && { pool: wishes.vipPool }),
    ...(wishes.sharingKey !== undefined && { sharingKey: wishes.sharingKey }),
    ...(wishes.address !== undefined && familyOf(wishes.address) === family && { address: wishes.address }),
  };
  const loadBalancer: LoadBalancerSpec = { vipClaim: name };
  const pool: PoolSpec = {
    ...(wishes.algorithm !== undefined && { algorithm: wishes.algorithm }),
    ...(service.affinitySeconds !== undefined && { affinity: affinityOf(service.affinitySeconds) }),
  };
  const served = ports.map(({ name: portName, protocol, port }) => {
    const transport = PROTOCOLS[protocol]!;
    // Always told apart: a TCP port that comes later must not rename the UDP port of the same number.
    const called = `${name}.${port}${transport === 'udp' ? '-udp' : ''}`;
    const listener: ListenerSpec = { loadBalancer: name, protocol: transport, port, pools: [called] };
    return { called, listener, ofPool: { pool: called, family, portName, protocol } };
  });
  return {
    resources: [
      make('VipClaim', name, claim),
      make('LoadBalancer', name, loadBalancer),
      ...served.flatMap(({ called, listener }) => [
        make('Listener', called, listener),
        make('Pool', called, pool),
      ]),
    ],
    pools: served.map(({ ofPool }) => ofPool),
    loadBalancer: name,
  };
}

function affinityOf(seconds: number): AffinitySpec {
  return { type: 'source-ip', timeout: `${seconds}s` };
}

function resource(kind: string, project: string, name: string, service: string, spec: object): Resource {
  const annotations = { [MADE_FOR]: service };
  const metadata = { name, ...(project !== DEFAULT_PROJECT && { project }), annotations };
  return { apiVersion: BALANCE_API, kind, metadata, spec: spec as Resource['spec'] };
}

function validated(
  resources: readonly Resource[],
): { readonly resources: readonly Resource[] } | { readonly wrong: string } {
  try {
    return { resources: resources.map(validateResource) };
  } catch (error) {
    if (error instanceof CodedError) return { wrong: error.message };
    throw error;
  }
}
