import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { CLUSTER_CA, CLUSTER_CERTIFICATE, CLUSTER_KEY } from './cluster-certificate.js';
import type { ClusterObject } from './cluster-object.js';
import { CLUSTER_DISCOVERY } from './cluster-discovery.js';
import { type ClusterEvent, ClusterStore } from './cluster-store.js';
import { type AnswerFault, FaultReply } from './fault-reply.js';
import { labelSelector } from './label-selector.js';
import { jsonPatched, mergePatched } from './patch-object.js';

/** Resources that are served, with the API that they are in. */
const RESOURCES: Readonly<Record<string, { readonly api: string; readonly kind: string }>> = {
  services: { api: '/api/v1', kind: 'Service' },
  endpointslices: { api: '/apis/discovery.k8s.io/v1', kind: 'EndpointSlice' },
};

export type ClusterResource = 'services' | 'endpointslices';
export type ClusterVerb = 'list' | 'watch' | 'get' | 'patch';

/** A request that came. */
export interface ClusterRequest {
  readonly verb: ClusterVerb;
  readonly resource: ClusterResource;
  readonly namespace?: string;
  readonly name?: string;
  readonly query: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly contentType?: string;
  /** Of a patch. */
  readonly body?: unknown;
}

/** A fault and what it happens to. */
export interface ClusterFault extends AnswerFault {
  /** Default every request. */
  readonly on?: (request: ClusterRequest) => boolean;
  /** How many requests it happens to, default 1. */
  readonly times?: number;
}

export interface FakeKubernetesOptions {
  /** Over TLS, with a certificate of {@link FakeKubernetes.ca}. */
  readonly isSecure?: boolean;
  /** Tokens that are let in; absent: everybody is. */
  readonly tokens?: readonly string[];
  /** How a watch from a version that is forgotten is refused: as HTTP status or as an event; API servers do both. Default `event`. */
  readonly expiredAs?: 'status' | 'event';
}

/** A watch that is open. */
interface OpenWatch {
  readonly request: ClusterRequest;
  readonly reply: FaultReply;
  readonly end: () => void;
}

/** Most objects of a page that no limit is asked for. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * An API server of Kubernetes for tests: Services and EndpointSlices with list (pages by `limit` and `continue`), watch (from a
 * version, with bookmarks) and patch of the status, as the real one answers over HTTP. It forgets its history when it is told
 * to, so that 410 comes when a test wants it; and answers can be spoilt, see {@link fault}.
 */
export class FakeKubernetes {
  /** Authority that a client of a secure one has to trust, PEM. */
  readonly ca = CLUSTER_CA;
  /** Every request so far, oldest first. */
  readonly requests: ClusterRequest[] = [];
  /** Tokens that are let in; undefined: everybody is. */
  tokens: readonly string[] | undefined;
  private readonly store = new ClusterStore();
  private readonly sockets = new Set<Socket>();
  private readonly watches = new Set<OpenWatch>();
  private faults: { readonly fault: ClusterFault; left: number }[] = [];
  private isAway = false;
  private readonly timers = new Set<NodeJS.Timeout>();

  private constructor(
    private readonly server: Server,
    private readonly options: FakeKubernetesOptions,
  ) {
    this.tokens = options.tokens;
    server.on('connection', (socket: Socket) => {
      if (this.isAway) return void socket.destroy();
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      response.on('error', () => undefined);
      void this.take(request, response);
    });
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(options: FakeKubernetesOptions = {}): Promise<FakeKubernetes> {
    const server = options.isSecure
      ? createHttpsServer({ key: CLUSTER_KEY, cert: CLUSTER_CERTIFICATE })
      : createHttpServer();
    const fake = new FakeKubernetes(server, options);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fake;
  }

  /** What a BackendSource names as its server. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `${this.options.isSecure ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.sockets.size;
  }

  /** How many watches are open. */
  get openWatches(): number {
    return this.watches.size;
  }

  /** Version of the newest change. */
  get version(): string {
    return String(this.store.version);
  }

  /** Creates or replaces a Service or an EndpointSlice. A Service keeps its status unless it has one. */
  apply(...objects: readonly ClusterObject[]): void {
    for (const object of objects) {
      const resource = object.kind === 'Service' ? 'services' : 'endpointslices';
      const status = this.store.get(resource, keyOf(object.metadata))?.['status'];
      this.store.set(resource, keyOf(object.metadata), {
        ...(status !== undefined && { status }),
        ...object,
      });
    }
  }

  /** Deletes an object; default of the namespace `default`. */
  remove(resource: ClusterResource, name: string, namespace = 'default'): void {
    this.store.set(resource, keyOf({ namespace, name }), undefined);
  }

  get(resource: ClusterResource, name: string, namespace = 'default'): ClusterObject | undefined {
    return this.store.get(resource, keyOf({ namespace, name }));
  }

  /** What the status of a Service says of its load balancer. */
  ingress(name: string, namespace = 'default'): unknown {
    const status = this.get('services', name, namespace)?.['status'] as
      { loadBalancer?: { ingress?: unknown } } | undefined;
    return status?.loadBalancer?.ingress;
  }

  /** Forgets what happened: a watch from before, and a list that is being read, are answered with 410. */
  compact(): void {
    this.store.compact();
  }

  /** Tells every watch that wants to know how far it is. */
  bookmark(): void {
    for (const { request, reply } of this.watches) {
      if (request.query['allowWatchBookmarks'] !== 'true') continue;
      const { api, kind } = RESOURCES[request.resource]!;
      const metadata = { resourceVersion: this.version };
      reply.write(line('BOOKMARK', { kind, apiVersion: apiVersionOf(api), metadata }));
    }
  }

  /** Ends the watches as a server does whose time for them is up. */
  endWatches(): void {
    for (const { end } of [...this.watches]) end();
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Cuts all connections, and those to come as they come, until {@link comeBack}. */
  goAway(): void {
    this.isAway = true;
    this.cut();
  }

  comeBack(): void {
    this.isAway = false;
  }

  /** Spoils answers to come; the first fault that fits happens. The function that comes back ends it. */
  fault(fault: ClusterFault): () => void {
    const entry = { fault, left: fault.times ?? 1 };
    this.faults.push(entry);
    return () => void (this.faults = this.faults.filter((one) => one !== entry));
  }

  /** Requests of a verb, and of a resource when one is named. */
  asked(verb: ClusterVerb, resource?: ClusterResource): readonly ClusterRequest[] {
    return this.requests.filter(
      (request) => request.verb === verb && (resource === undefined || request.resource === resource),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (!request) return this.discover(incoming, new FaultReply(response, {}));
    this.requests.push(request);
    const fault = this.faultOf(request);
    const reply = new FaultReply(response, fault);
    if (fault.hang) return undefined;
    if (fault.delayMs === undefined) return this.answer(request, response, reply, fault);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.answer(request, response, reply, fault);
    }, fault.delayMs);
    this.timers.add(timer);
    return undefined;
  }

  private discover({ url = '' }: IncomingMessage, reply: FaultReply): void {
    const found = CLUSTER_DISCOVERY[url.split('?')[0]!];
    if (found) success(reply, found);
    else failure(reply, 404, 'NotFound', 'the server could not find the requested resource');
  }

  private faultOf(request: ClusterRequest): AnswerFault {
    const entry = this.faults.find(({ fault, left }) => left > 0 && (fault.on?.(request) ?? true));
    if (!entry) return {};
    entry.left -= 1;
    return entry.fault;
  }

  private answer(
    request: ClusterRequest,
    response: ServerResponse,
    reply: FaultReply,
    fault: AnswerFault,
  ): void {
    if (fault.status !== undefined) {
      const headers: Record<string, string> =
        fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      return failure(reply, fault.status, 'Fault', fault.message ?? 'as the test wants it', headers);
    }
    if (fault.garbage !== undefined) {
      reply.head(200);
      reply.write(fault.garbage);
      return reply.end();
    }
    if (this.tokens && !this.tokens.includes(request.token ?? ''))
      return failure(reply, 401, 'Unauthorized', 'Unauthorized');
    if (request.verb === 'watch') return this.watch(request, response, reply);
    if (request.verb === 'list') return this.list(request, reply);
    const known = this.get(request.resource, request.name!, request.namespace);
    if (!known) return failure(reply, 404, 'NotFound', `${request.resource} "${request.name}" not found`);
    return request.verb === 'get' ? success(reply, known) : this.patch(request, known, reply);
  }

  private list(request: ClusterRequest, reply: FaultReply): void {
    const { limit, continue: token } = request.query;
    const most = limit === undefined ? NO_LIMIT : Number(limit);
    const page = this.store.page(request.resource, selectionOf(request), most, token);
    if (!page) return failure(reply, 410, 'Expired', 'The provided continue parameter is too old');
    const { api, kind } = RESOURCES[request.resource]!;
    success(reply, {
      kind: `${kind}List`,
      apiVersion: apiVersionOf(api),
      metadata: {
        resourceVersion: String(page.version),
        ...(page.next !== undefined && { continue: page.next, remainingItemCount: page.remaining }),
      },
      items: page.items.map(({ kind: _kind, apiVersion: _apiVersion, ...object }) => object),
    });
  }

  private watch(request: ClusterRequest, response: ServerResponse, reply: FaultReply): void {
    const missed = this.store.since(Number(request.query['resourceVersion']));
    if (!missed) return this.expired(request, reply);
    reply.head(200);
    const select = selectionOf(request);
    const tell = (event: ClusterEvent): void => {
      if (event.resource === request.resource) reply.write(eventLine(event, select));
    };
    for (const event of missed) tell(event);
    const forget = this.store.onEvent(tell);
    const open = { request, reply, end: () => reply.end() };
    this.watches.add(open);
    response.on('close', () => {
      forget();
      this.watches.delete(open);
    });
  }

  private expired(request: ClusterRequest, reply: FaultReply): void {
    const message = `too old resource version: ${request.query['resourceVersion']}`;
    if (this.options.expiredAs === 'status') return failure(reply, 410, 'Expired', message);
    reply.head(200);
    reply.write(line('ERROR', statusObject(410, 'Expired', message)));
    return reply.end();
  }

  private patch(request: ClusterRequest, known: ClusterObject, reply: FaultReply): void {
    const { body, contentType, resource } = request;
    const patched =
      contentType === 'application/json-patch+json'
        ? jsonPatched(known, body as Record<string, unknown>[])
        : mergePatched(known, body);
    if (!patched)
      return failure(reply, 422, 'Invalid', 'the server rejected our request due to an error in our request');
    // The subresource changes the status alone.
    const { status } = patched as ClusterObject;
    const changed = { ...known, status };
    if (JSON.stringify(changed) !== JSON.stringify(known))
      this.store.set(resource, keyOf(known.metadata), changed);
    return success(reply, this.store.get(resource, keyOf(known.metadata))!);
  }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function apiVersionOf(api: string): string {
  return api.replace(/^\/apis?\//, '');
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** What a watch with a selector is told: an object that leaves the selection is deleted to it. */
function eventLine(event: ClusterEvent, select: (object: ClusterObject) => boolean): string {
  const { object, before, isDeleted } = event;
  const was = before !== undefined && select(before);
  const is = !isDeleted && select(object);
  if (!was && !is) return '';
  return line(is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED', object);
}

function selectionOf({ query, namespace }: ClusterRequest): (object: ClusterObject) => boolean {
  const isSelected = labelSelector(query['labelSelector'] ?? '');
  return ({ metadata }) =>
    (namespace === undefined || metadata.namespace === namespace) && isSelected(metadata.labels ?? {});
}

function statusObject(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

function success(reply: FaultReply, body: object): void {
  const text = JSON.stringify(body);
  reply.head(200, { 'content-length': String(Buffer.byteLength(text)) });
  reply.write(text);
  reply.end();
}

function failure(
  reply: FaultReply,
  status: number,
  reason: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  reply.head(status, headers);
  reply.write(JSON.stringify(statusObject(status, reason, message)));
  reply.end();
}

/** Undefined for what is not served. */
async function readRequest(incoming: IncomingMessage): Promise<ClusterRequest | undefined> {
  const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://cluster.invalid');
  const [, api, namespace, resource, name] =
    /^(\/api\/v1|\/apis\/discovery\.k8s\.io\/v1)(?:\/namespaces\/([^/]+))?\/(services|endpointslices)(?:\/([^/]+)(?:\/status)?)?$/.exec(
      pathname,
    ) ?? [];
  if (resource === undefined || RESOURCES[resource]!.api !== api) return undefined;
  let body = '';
  for await (const part of incoming.setEncoding('utf8')) body += String(part);
  const query = Object.fromEntries(searchParams);
  const token = /^Bearer (.*)$/.exec(incoming.headers.authorization ?? '')?.[1];
  const contentType = incoming.headers['content-type'];
  const isWatch = query['watch'] === 'true' || query['watch'] === '1';
  const ofMany = isWatch ? 'watch' : 'list';
  return {
    verb: incoming.method === 'PATCH' ? 'patch' : name === undefined ? ofMany : 'get',
    resource: resource as ClusterResource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    query,
    ...(token !== undefined && { token }),
    ...(contentType !== undefined && { contentType }),
    ...(body !== '' && { body: JSON.parse(body) as unknown }),
  };
}
