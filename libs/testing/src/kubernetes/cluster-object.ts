/** An object of a cluster as its API has it. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [member: string]: unknown;
  };
  readonly [member: string]: unknown;
}

/** What a test says of a Service; the rest is as people write one of type LoadBalancer. */
export interface ServiceWish {
  /** Default `default`. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Other members of metadata. */
  readonly metadata?: object;
  /** Default one port 80, without a name. */
  readonly ports?: readonly object[];
  /** Other members of the spec, and others in the place of these. */
  readonly spec?: object;
}

/** A Service of type LoadBalancer. */
export function clusterService(name: string, wish: ServiceWish = {}): ClusterObject {
  const { namespace = 'default', labels, annotations, metadata, ports = [{ port: 80 }], spec } = wish;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace,
      name,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...metadata,
    },
    spec: { type: 'LoadBalancer', ipFamilies: ['IPv4'], ports, ...spec },
  };
}

/** One Pod as a test says it: its address, or that and more members of the endpoint, such as `conditions`. */
export type PodWish = string | { readonly address: string; readonly [member: string]: unknown };

/** What a test says of an EndpointSlice. */
export interface SliceWish {
  /** Default `default`. */
  readonly namespace?: string;
  /** Default IPv4. */
  readonly addressType?: 'IPv4' | 'IPv6' | 'FQDN';
  /** Default one port 8080, without a name. */
  readonly ports?: readonly object[];
}

/** An EndpointSlice of a Service; a Pod of which nothing else is said is ready. */
export function clusterSlice(
  name: string,
  service: string,
  pods: readonly PodWish[],
  wish: SliceWish = {},
): ClusterObject {
  const { namespace = 'default', addressType = 'IPv4', ports = [{ name: '', port: 8080 }] } = wish;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name, labels: { 'kubernetes.io/service-name': service } },
    addressType,
    ports: ports.map((port) => ({ protocol: 'TCP', ...port })),
    endpoints: pods.map((pod) => {
      const { address, ...more } = typeof pod === 'string' ? { address: pod } : pod;
      return {
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        ...more,
      };
    }),
  };
}
