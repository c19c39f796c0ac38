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
  /** Undefined as long as something that it names is not there: nothing is decided about half a listener. */
  readonly parts: ListenerParts | undefined;
}

/** The listener of a scoped name; undefined when neither a Frontend nor a Listener declares it. */
export function listenerSource(name: string, find: Find): ListenerSource | undefined {
  const frontend = find('Frontend', name);
  if (frontend) {
    const parts = compileFrontend(frontend);
    const pools = parts.pools.map(({ resource }) => scopedNameOf(resource));
    return { loadBalancer: scopedNameOf(parts.loadBalancer), pools, parts };
  }
  const listener = find('Listener', name);
  if (!listener) return undefined;
  const { project } = readScopedName(name);
  const spec = specOf<ListenerSpec>(listener);
  const loadBalancer = scopedName(project, spec.loadBalancer);
  const pools = spec.pools.map((pool) => scopedName(project, pool));
  return { loadBalancer, pools, parts: partsOf(listener, loadBalancer, pools, find) };
}

function partsOf(
  listener: Resource,
  loadBalancer: string,
  pools: readonly string[],
  find: Find,
): ListenerParts | undefined {
  const balancer = find('LoadBalancer', loadBalancer);
  const found = pools.flatMap((pool) => find('Pool', pool) ?? []);
  if (!balancer || found.length < pools.length) return undefined;
  return {
    kind: 'Listener',
    loadBalancer: balancer,
    listener,
    pools: found.map((resource) => ({ name: resource.metadata.name, resource })),
  };
}
