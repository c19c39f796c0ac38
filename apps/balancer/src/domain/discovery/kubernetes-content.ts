import { MAX_REFUSED, type SourceContent, type SourceEndpoint } from './endpoint.js';
import { frameOf, type FrameSource, type ServiceFrame, type ServicePool } from './kubernetes-frame.js';
import {
  type KubernetesService,
  type KubernetesSlice,
  objectKey,
  type SliceEndpoint,
} from './kubernetes-objects.js';

/** What one Service brings. */
export interface ServicePiece {
  readonly frame: ServiceFrame;
  readonly endpoints: readonly SourceEndpoint[];
  /** What was left out of the endpoints, and why. */
  readonly refused: readonly string[];
}

/** Everything that a cluster brings: of each Service, in the order of namespace and name. ADR 0028. */
export function kubernetesContent(
  source: FrameSource,
  services: readonly KubernetesService[],
  slices: readonly KubernetesSlice[],
): SourceContent {
  const pieces = services
    .toSorted(byKey)
    .map((service) => pieceOf(frameOf(source, service), slicesOf(service, slices)));
  return joinPieces(pieces);
}

/** What a Service brings, from its frame and all of its slices. */
export function pieceOf(frame: ServiceFrame, slices: Iterable<KubernetesSlice>): ServicePiece {
  if (frame.pools.length === 0) return { frame, endpoints: [], refused: [] };
  const sorted = [...slices].sort(byKey);
  return {
    frame,
    endpoints: frame.pools.flatMap((pool) => joining(pool.pool, placesOf(pool, sorted))),
    refused: sorted.flatMap((slice) =>
      slice.unusable.map(
        (address) => `EndpointSlice ${objectKey(slice)}: ${address} is no address of a host of its family`,
      ),
    ),
  };
}

/** The whole of some pieces, in their order. */
export function joinPieces(pieces: readonly ServicePiece[]): SourceContent {
  const refused = pieces.flatMap((piece) => [...piece.frame.refused, ...piece.refused]);
  const more = refused.length - (MAX_REFUSED - 1);
  return {
    frame: pieces.flatMap(({ frame }) => frame.resources),
    endpoints: pieces.flatMap(({ endpoints }) => endpoints),
    refused: refused.length <= MAX_REFUSED ? refused : [...refused.slice(0, -more), `and ${more} more`],
  };
}

/** An endpoint as the one of a place. */
interface Place {
  readonly port: number;
  readonly endpoint: SliceEndpoint;
}

/**
 * Who joins a pool: the endpoints of slices of its family whose port has its name and protocol. That is how Kubernetes tells which
 * port of a Pod a targetPort is, by number and by name; it may be another one in each slice. A Pod that moves from one slice to
 * another stands in both for a while: the more usable of the two counts.
 */
function placesOf(
  { family, portName, protocol }: ServicePool,
  slices: readonly KubernetesSlice[],
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const slice of slices) {
    if (slice.family !== family) continue;
    for (const { name, protocol: of, port } of slice.ports) {
      if (name !== portName || of !== protocol || port === undefined) continue;
      for (const endpoint of slice.endpoints) {
        const key = `${endpoint.address} ${port}`;
        const known = places.get(key);
        if (!known || rank(endpoint) > rank(known.endpoint)) places.set(key, { port, endpoint });
      }
    }
  }
  return places;
}

const READY = 2;
const LAST_RESORT = 1;

/** Pods that end but still answer are used when no other one is, as kube-proxy does. */
function rank({ isReady, isServing, isTerminating }: SliceEndpoint): number {
  if (isReady) return READY;
  return isServing && isTerminating ? LAST_RESORT : 0;
}

function joining(pool: string, places: ReadonlyMap<string, Place>): readonly SourceEndpoint[] {
  const all = [...places.values()];
  const needed = all.some(({ endpoint }) => endpoint.isReady) ? READY : LAST_RESORT;
  return all.map(({ port, endpoint }) => ({
    pool,
    address: endpoint.address,
    port,
    ...(rank(endpoint) < needed && { isDraining: true as const }),
    ...(endpoint.pod !== undefined && { tags: [endpoint.pod] }),
  }));
}

function slicesOf(service: KubernetesService, slices: readonly KubernetesSlice[]): KubernetesSlice[] {
  return slices.filter((slice) => slice.namespace === service.namespace && slice.service === service.name);
}

function byKey(a: Parameters<typeof objectKey>[0], b: Parameters<typeof objectKey>[0]): number {
  const [first, second] = [objectKey(a), objectKey(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}
