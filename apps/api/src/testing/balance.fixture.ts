import { Follower } from '@signalbox/bus';
import {
  BALANCE_API,
  BALANCE_MARKS,
  type BackendCommandRequest,
  type BackendRecord,
  type BackendState,
  type Capabilities,
  CodedError,
  type CommandAnswer,
  decodeBackendRecord,
  type EffectiveResource,
  errorBody,
  type FrontendRecord,
  type FrontendTarget,
  type HealthResult,
  type NodeRecord,
  type StateCode,
  STREAMS,
  SUBJECTS,
  type VipRecord,
  type NodeDrainAnswer,
  type NodeDrainRequest,
  type Watermark,
  type WeightOverride,
  type WeightRequest,
} from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import {
  backendsProjection,
  frontendsProjection,
  nodeDrainsProjection,
  nodesProjection,
  partsProjection,
  type Projection,
  Projector,
  vipsProjection,
  weightOverridesProjection,
} from '@signalbox/store';
import { addGeneration } from './activity.fixture.js';
import type { ApiSite } from './api-site.fixture.js';

export const AT = '2026-01-01T00:00:00.000Z';
const READABLE_MS = 60_000;
const STATE_AFTER: Readonly<Record<BackendCommandRequest['command'], [BackendState, StateCode]>> = {
  pause: ['paused', 'paused'],
  resume: ['unknown', 'resumed'],
  enable: ['unknown', 'enabled'],
  disable: ['disabled', 'disabled'],
};

/** A resource of a balance kind as the effective config holds it, put by revision 7 unless `from` says otherwise. */
export const configured = (
  kind: string,
  name: string,
  spec: object,
  from: Omit<EffectiveResource, 'resource'> = { revision: 7 },
): EffectiveResource => ({
  resource: { apiVersion: BALANCE_API, kind, metadata: { name }, spec: { ...spec } },
  ...from,
});

/** What the nodes can do. */
export const CAPABILITIES: Capabilities = {
  protocols: ['tcp', 'udp'],
  algorithms: ['round-robin', 'maglev'],
  affinity: [],
  flush: true,
  targetPorts: true,
  mixedFamilies: true,
  connectionLimit: true,
  maxTargets: 1000,
};

/** A target that gets traffic. */
export const target = (pool: string, backend: string, effective = 100): FrontendTarget => ({
  pool,
  backend,
  address: '10.0.0.1',
  weight: 100,
  effective,
  flush: false,
  why: { rule: effective > 0 ? 'active' : 'standby', text: `effective ${effective}` },
});

/** Plays the tables, answers and watermarks of `health` and `balancer` beside an `api` that runs alone. */
export class BalanceCast {
  private readonly versions = new Map<string, number>();
  private readonly states = new Map<string, BackendState>();
  private readonly followers: Follower[] = [];
  private readonly exits = new Map<string, () => void>();
  private generation = 0;

  private constructor(
    private readonly site: ApiSite,
    private readonly projectors: readonly Projector[],
  ) {}

  static async start(site: ApiSite): Promise<BalanceCast> {
    const projections = [
      ...[
        partsProjection,
        backendsProjection,
        frontendsProjection,
        weightOverridesProjection,
        nodeDrainsProjection,
        nodesProjection,
        vipsProjection,
      ],
    ];
    const projectors = await Promise.all(
      projections.map((projection) => Projector.start(site.bus, site.dataSource, projection)),
    );
    return new BalanceCast(site, projectors);
  }

  async stop(): Promise<void> {
    for (const exit of this.exits.values()) exit();
    await Promise.all(this.followers.map((follower) => follower.stop()));
    await Promise.all(this.projectors.map((projector) => projector.stop()));
  }

  /** Appends the next record of a backend; its sequence. */
  async backend(name: string, to: BackendState, more: Partial<BackendRecord> = {}): Promise<number> {
    const from = this.states.get(name);
    this.states.set(name, to);
    const result: HealthResult = { ok: to === 'up', layer: 'L7', code: 'L7OK', detail: `now ${to}` };
    const record: BackendRecord = {
      backend: name,
      version: this.nextVersion(`backend ${name}`),
      at: AT,
      ...(from && { from }),
      to,
      since: AT,
      result,
      address: '10.0.0.1',
      ...more,
    };
    return this.append(SUBJECTS.backendActivity(name), record);
  }

  /** Appends the next record of a frontend; its sequence. */
  async frontend(name: string, more: Partial<FrontendRecord> = {}): Promise<number> {
    const version = this.nextVersion(`frontend ${name}`);
    const state = { to: 'up', activePool: 'primary', targets: [], gone: [] } as const;
    const record: FrontendRecord = { frontend: name, version, at: AT, ...state, ...more };
    return this.append(SUBJECTS.frontendActivity(name), record);
  }

  /** Appends the next record of a node; its sequence. */
  async node(name: string, more: Partial<NodeRecord> = {}): Promise<number> {
    const version = this.nextVersion(`node ${name}`);
    const state = { state: 'ready', epoch: 'e1', appliedGeneration: 1, listeners: [], gone: [] } as const;
    const record: NodeRecord = {
      ...{ node: name, version, at: AT, driver: 'sim', capabilities: CAPABILITIES },
      ...state,
      ...more,
    };
    return this.append(SUBJECTS.nodeActivity(name), record);
  }

  /** Appends a message about VIPs; its sequence. */
  vips(...records: readonly VipRecord[]): Promise<number> {
    return this.append(SUBJECTS.vips, { records });
  }

  /** Appends a generation of the effective config that adds resources; its sequence. */
  async configure(...added: EffectiveResource[]): Promise<number> {
    const seq = await addGeneration(this.site, (this.generation += 1), added);
    await this.readable(partsProjection, seq);
    return seq;
  }

  /** Resolves when a record is in its table. */
  async readable({ name, stream }: Projection, seq: number): Promise<void> {
    const mark = await this.site.services.app.get(Watermarks).waitFor(name, stream, seq, READABLE_MS);
    if (!mark) throw new Error(`${name} does not reach ${seq}`);
  }

  /** Answers requests on a subject from now on; what `reply` throws is the error of the answer. */
  answer<T>(subject: string, reply: (request: T) => object | Promise<object>): void {
    const subscription = this.site.bus.connection.subscribe(subject, {
      callback: (_error, message) => {
        void Promise.resolve()
          .then(() => reply(message.json<T>()))
          .catch((error: unknown) => ({ error: errorBody(error) }))
          .then((body) => message.respond(JSON.stringify(body)));
      },
    });
    this.exits.set(subject, () => subscription.unsubscribe());
  }

  /** Answers no more. */
  leave(subject: string): void {
    this.exits.get(subject)?.();
    this.exits.delete(subject);
  }

  /** `health`: carries out commands. R1 is its only refusal besides unknown names. */
  playHealth(): BackendCommandRequest[] {
    const seen: BackendCommandRequest[] = [];
    this.answer<BackendCommandRequest>(SUBJECTS.command('health', 'backend'), async (request) => {
      seen.push(request);
      const { backend, command, author, reason } = request;
      const now = this.states.get(backend);
      if (now === undefined) throw new CodedError('not-found', `there is no backend "${backend}"`);
      if (now === 'disabled' && (command === 'pause' || command === 'resume'))
        throw new CodedError('wrong-state', `backend ${backend} is disabled: enable it first`);
      const [to, code] = STATE_AFTER[command];
      if (now === to) return {} satisfies CommandAnswer;
      const by = { author, ...(reason !== undefined && { reason }) };
      const seq = await this.backend(backend, to, { result: { ok: false, code, detail: '' }, by });
      return { seq } satisfies CommandAnswer;
    });
    return seen;
  }

  /** `balancer`: every record of a backend gives it a new effective weight in the pool `primary` of one frontend. */
  playBalancer(frontend: string): void {
    this.follow(SUBJECTS.allBackendActivity, async (data, seq) => {
      const { backend, to } = decodeBackendRecord(data);
      const targets = [target('primary', backend, to === 'up' ? 100 : 0)];
      this.tell(BALANCE_MARKS.balancerBackends, seq, await this.frontend(frontend, { targets }));
    });
  }

  /** `balancer`: keeps and records the weights that operators set. */
  playWeights(): WeightRequest[] {
    const seen: WeightRequest[] = [];
    this.answer<WeightRequest>(SUBJECTS.command('balancer', 'weight'), async (request) => {
      seen.push(request);
      const { frontend, pool, backend, weight, author, reason, expiresAt } = request;
      if (frontend === 'none') throw new CodedError('not-found', 'there is no frontend "none"');
      const place = { frontend, pool, backend, at: AT, author, ...(reason !== undefined && { reason }) };
      const override: WeightOverride =
        weight === null
          ? { type: 'cleared', ...place }
          : { type: 'set', weight, ...place, ...(expiresAt !== undefined && { expiresAt }) };
      await this.append(SUBJECTS.frontendJournal(frontend), override);
      const now = weight ?? 100;
      const targets = [{ ...target(pool, backend, now), weight: now }];
      return { seq: await this.frontend(frontend, { targets }) } satisfies CommandAnswer;
    });
    return seen;
  }

  /** `balancer`: keeps and records which nodes operators drained. */
  playNodeDrains(): void {
    this.answer<NodeDrainRequest>(SUBJECTS.command('balancer', 'node'), async (request) => {
      if (request.node === 'none') throw new CodedError('not-found', 'there is no node "none"');
      const seq = await this.append(SUBJECTS.nodeJournal(request.node), { ...request, at: AT });
      return { seq } satisfies NodeDrainAnswer;
    });
  }

  /** Calls back with every message of a subject of ACTIVITY from now on. */
  follow(filter: string, onMessage: (data: Uint8Array, seq: number) => Promise<void>): void {
    const follower = new Follower(this.site.bus, {
      name: `cast ${filter}`,
      stream: STREAMS.activity,
      filter,
      fromSeq: 1,
      onBatch: async (batch) => {
        for (const { data, seq } of batch) await onMessage(data, seq);
      },
    });
    this.followers.push(follower);
  }

  /** Tells the watermark of a service on ACTIVITY. */
  tell(service: string, seq: number, appended: number): void {
    const stream = STREAMS.activity;
    const mark: Watermark = { service, stream, seq, appended: { stream, seq: appended } };
    this.site.bus.tell(mark);
  }

  private nextVersion(key: string): number {
    const version = (this.versions.get(key) ?? 0) + 1;
    this.versions.set(key, version);
    return version;
  }

  private async append(subject: string, record: object): Promise<number> {
    return (await this.site.bus.publisher.publishJson(subject, record)).seq;
  }
}
