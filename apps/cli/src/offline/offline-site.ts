import {
  type Cause,
  compareFacts,
  DEFAULT_PROJECT,
  errorBody,
  type EndedRecord,
  type ErrorBody,
  type EffectiveResource,
  type Execution,
  type Fact,
  factKey,
  FEDERATION_API,
  formatTime,
  keyOf,
  lineageOf,
  orderOfPlanned,
  type PartRecord,
  type PluginRequest,
  PLUGIN_API,
  type PluginResult,
  type PluginSpec,
  redactSpec,
  refKey,
  type Resource,
  type RunFact,
  type RunOrder,
  STREAMS,
  validateResource,
} from '@signalbox/contracts';
import { decideMatch, type MatchDecision } from '../../../matcher/src/domain/match-rule.js';
import type { RevisedResource, Rule } from '../../../matcher/src/domain/rule.js';
import { RunPlanner } from '../../../matcher/src/domain/run-planner.js';
import { recordsOfDecision } from '../../../matcher/src/domain/try-facts.js';
import { rulesOf } from '../../../matcher/src/rules.js';
import { buildContext } from '../../../plugin-runner/src/domain/plugin-context.js';
import { buildPluginRequest } from '../../../plugin-runner/src/domain/plugin-request.js';
import { toProposedPart } from '../../../plugin-runner/src/domain/proposed-part.js';
import { startupHashOf } from '../../../plugin-runner/src/domain/startup-hash.js';
import type { Containment } from '../../../plugin-runner/src/execution/containment/containment.js';
import { executePlugin } from '../../../plugin-runner/src/execution/execute-plugin.js';
import type { ExecutedPlugin } from '../../../plugin-runner/src/execution/executed-plugin.js';
import { PluginPools } from '../../../plugin-runner/src/execution/persistent/plugin-pools.js';
import { ConfigModel } from '../../../renderer/src/domain/config-model.js';
import { Deciding } from '../../../renderer/src/domain/deciding.js';
import { KIND_RULES } from '../../../renderer/src/domain/kind-rules.js';
import { EMPTY_SNAPSHOT } from '../../../renderer/src/domain/model-snapshot.js';

/** Where plugins and the files of their secrets may stand, their PATH, and what contains them. */
export interface PluginPlace {
  readonly pluginDirs: readonly string[];
  readonly secretDirs: readonly string[];
  readonly searchPath: string;
  readonly containment: Containment;
}

/** What one subscription made of one fact. */
export interface OfflineMatch {
  readonly fact: Fact;
  readonly subscription: string;
  readonly decision: MatchDecision;
}

/** One attempt of a run, and what became of its part. */
export interface OfflineRun {
  readonly order: RunOrder;
  readonly execution: Execution;
  readonly result?: PluginResult;
  /** Why there is no result, or why its part was rejected. */
  readonly error?: ErrorBody;
  readonly part?: Extract<PartRecord, { type: 'accepted' }>;
}

/** Most bytes of a record, as in a site of our own making (architecture section 5 "Sizes"). */
const MAX_RECORD_BYTES = 8 * 1024 * 1024 - 64 * 1024;
/** Every resource was put by it. */
const REVISION = 1;

/**
 * A site without servers: what the matcher, the plugin-runner and the renderer decide, by their own rules, over the
 * resources and facts of files. Plugins run on this machine, one after the other; time is a clock that jumps to whatever is
 * due next, so that windows and retries do not wait.
 */
export class OfflineSite {
  readonly matches: OfflineMatch[] = [];
  readonly runs: OfflineRun[] = [];
  private readonly facts: Fact[] = [];
  private readonly newest = new Map<string, Fact>();
  private readonly rules: ReadonlyMap<string, Rule>;
  private readonly planner = new RunPlanner({ pending: [], runs: [] });
  private readonly model: ConfigModel;
  private readonly deciding: Deciding;
  private readonly pools = new PluginPools();
  private records = 0;

  /** `nowMs`: when it is at the start, milliseconds since 1970. */
  constructor(
    private readonly resources: readonly Resource[],
    private readonly place: PluginPlace,
    private nowMs: number,
  ) {
    const startup = resources.map((resource): RevisedResource => ({ resource, revision: REVISION }));
    this.rules = rulesOf(
      startup.filter(
        ({ resource }) => resource.kind === 'EventSubscription' && resource.apiVersion === FEDERATION_API,
      ),
      (name) => startup.find(({ resource }) => isPlugin(resource, name)),
    );
    for (const rule of this.rules.values()) this.planner.setRule(rule);
    this.model = new ConfigModel({ ...EMPTY_SNAPSHOT, startup, revision: REVISION }, KIND_RULES);
    this.deciding = new Deciding(this.model, { maxRecordBytes: MAX_RECORD_BYTES });
    this.settle();
  }

  /** A fact arrives: each subscription of its group decides. */
  take(fact: Fact): void {
    const runFact = this.numbered(fact);
    const lineage = `${fact.group} ${lineageOf(runFact.origin, runFact.factKey)}`;
    const older = this.newest.get(lineage);
    const current = older === undefined || compareFacts(older, fact) < 0;
    if (current) this.newest.set(lineage, fact);
    const matched = { fact: runFact, version: 1, ...(fact.expiresAt && { expiresAt: fact.expiresAt }) };
    for (const rule of this.rules.values()) {
      if (rule.group !== fact.group) continue;
      const decision = decideMatch(rule, fact, { current, nowMs: this.nowMs });
      this.matches.push({ fact, subscription: rule.subscription, decision });
      const decided = { matched, decision, current };
      const records = recordsOfDecision(this.planner, rule, decided, this.nowMs);
      for (const record of records) this.planner.applyRun(record);
    }
  }

  /** Runs everything that is due, and what becomes due by it, until nothing is left. */
  async work(): Promise<void> {
    for (;;) {
      const planned = this.planner.decidePlans(this.nowMs);
      const dueMs = planned.length === 0 ? this.planner.nextDueMs() : this.nowMs;
      if (dueMs === undefined) return;
      this.nowMs = Math.max(this.nowMs, dueMs);
      const orders: RunOrder[] = [];
      for (const record of planned) {
        this.planner.applyRun(record);
        if (record.type === 'planned' && record.trigger === undefined) orders.push(orderOfPlanned(record));
      }
      for (const order of orders) await this.run(order);
    }
  }

  /** One plugin for some facts, by hand: what a person sees before there is a subscription. */
  async runPlugin(name: string, spec: PluginSpec, facts: readonly Fact[]): Promise<ExecutedPlugin> {
    return this.execute(name, spec, this.requestOf(name, spec, facts, { tag: 'by-hand.1' }));
  }

  /** The effective config in canonical order. */
  render(): readonly EffectiveResource[] {
    return this.model.render();
  }

  /** Ends the processes of persistent plugins. */
  async stop(): Promise<void> {
    await this.pools.stop();
  }

  private async run(order: RunOrder): Promise<void> {
    const { plugin: name, runId, attempt, subscription } = order;
    const spec = this.specOf(name);
    const facts = order.facts.map(({ seq }) => this.facts[seq - 1]!);
    const tag = `${runId}.${attempt}`;
    const request = this.requestOf(name, spec, facts, { subscription, tag, replaces: order.source });
    const { execution, result, error } = await this.execute(name, spec, request);
    const at = formatTime(this.nowMs);
    const ended: EndedRecord = result
      ? {
          type: 'ended',
          at,
          order,
          outcome: 'proposed',
          execution,
          outcomes: result.outcomes,
          part: toProposedPart(result),
        }
      : { type: 'ended', at, order, outcome: 'failed', execution, error: errorBody(error) };
    this.planner.applyRun(ended);
    const decided = this.deciding.run(ended, this.cause(), this.nowMs);
    for (const record of decided) this.planner.applyPart(record);
    this.settle();
    const part = decided.find((record) => record.type === 'accepted');
    const rejected = decided.find((record) => record.type === 'rejected');
    const wrong = error ? errorBody(error) : rejected?.error;
    this.runs.push({
      order,
      execution,
      ...(result && { result }),
      ...(wrong && { error: wrong }),
      ...(part && { part }),
    });
  }

  private requestOf(
    plugin: string,
    spec: PluginSpec,
    facts: readonly Fact[],
    { tag, subscription, replaces }: { tag: string; subscription?: string; replaces?: string },
  ): PluginRequest {
    return buildPluginRequest({
      plugin,
      ...(subscription !== undefined && { subscription }),
      facts,
      contextResources: buildContext(
        spec,
        (apiVersion, kind, name) => this.find(apiVersion, kind, name),
        redactSpec,
      ),
      startupConfigHash: startupHashOf(this.resources),
      effectiveGeneration: this.model.generation(),
      previousDynamicGeneration: replaces === undefined ? 0 : this.model.lastGeneration(replaces),
      nowMs: this.nowMs,
      tag,
      capabilities: spec.capabilities ?? [],
    });
  }

  private execute(name: string, spec: PluginSpec, request: PluginRequest): Promise<ExecutedPlugin> {
    const { place, pools, nowMs } = this;
    return executePlugin({ name, spec, ...place, request, nowMs, validate: validateResource, pools });
  }

  private specOf(name: string): PluginSpec {
    const declared = this.resources.find((resource) => isPlugin(resource, name));
    return declared!.spec as unknown as PluginSpec;
  }

  private find(apiVersion: string, kind: string, name: string): Resource | undefined {
    const wanted = refKey({ apiVersion, kind, project: DEFAULT_PROJECT, name });
    return this.resources.find((resource) => keyOf(resource) === wanted);
  }

  private numbered(fact: Fact): RunFact {
    const seq = this.facts.push(fact);
    return { seq, id: fact.id, origin: fact.sourceNode, factKey: factKey(fact), subject: fact.subject };
  }

  private settle(): void {
    this.deciding.settle(this.cause(), this.nowMs);
  }

  private cause(): Cause {
    this.records += 1;
    return { stream: STREAMS.activity, seq: this.records };
  }
}

function isPlugin({ apiVersion, kind, metadata }: Resource, name: string): boolean {
  return apiVersion === PLUGIN_API && kind === 'Plugin' && metadata.name === name;
}
