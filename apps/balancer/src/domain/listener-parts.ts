import {
  compileFrontend,
  type ListenerParts,
  type ListenerSpec,
  readScopedName,
  type Resource,
  scopedName,
  scopedNameOf,
  specOf,
} from '@signalbox/contracts';

/** Finds a resource of the config by its scoped name. */
export type Find = (kind: string, name: string) => Resource | undefined;

/** What declares a listener, and the scoped names of what it is made of, whether that is there or not. */
export interface ListenerSource {
  readonly loadBalancer: string;
  readonly pools: readonly string[];
  readonly certificates: readonly string[];
  /** Undefined as long as something that it names is not there: nothing is decided about half a listener. */
  readonly parts: ListenerParts | undefined;
}

/** The listener of a scoped name; undefined when neither a Frontend nor a Listener declares it. */
export function listenerSource(name: string, find: Find): ListenerSource | undefined {
  const frontend = find('Frontend', name);
  if (frontend) {
    const parts = compileFrontend(frontend);
    const pools = parts.pools.map(({ resource }) => scopedNameOf(resource));
    return { loadBalancer: scopedNameOf(parts.loadBalancer), pools, certificates: [], parts };
  }
  const listener = find('Listener', name);
  if (!listener) return undefined;
  const { project } = readScopedName(name);
  const spec = specOf<ListenerSpec>(listener);
  const scoped = (own: string): string => scopedName(project, own);
  const names = {
    loadBalancer: scoped(spec.loadBalancer),
    pools: spec.pools.map(scoped),
    certificates: (spec.tls?.certificates ?? []).map(scoped),
  };
  return { ...names, parts: partsOf(listener, names, find) };
}

function partsOf(
  listener: Resource,
  names: Omit<ListenerSource, 'parts'>,
  find: Find,
): ListenerParts | undefined {
  const balancer = find('LoadBalancer', names.loadBalancer);
  const found = names.pools.flatMap((pool) => find('Pool', pool) ?? []);
  const certificates = names.certificates.flatMap((name) => find('Certificate', name) ?? []);
  if (!balancer || found.length < names.pools.length || certificates.length < names.certificates.length)
    return undefined;
  return {
    kind: 'Listener',
    loadBalancer: balancer,
    listener,
    pools: found.map((resource) => ({ name: resource.metadata.name, resource })),
    ...(certificates.length > 0 && { certificates }),
  };
}
