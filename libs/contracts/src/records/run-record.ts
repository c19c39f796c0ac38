import type { ErrorBody } from '../errors.js';
import type { Fact } from '../fact.js';
import type { ActionPlan, Directive, FactOutcome } from '../plugin-protocol.js';
import type { Resource } from '../resource.js';
import { configSourceOwner, pluginOwner, subscriptionOwner } from '../subjects.js';

/** A fact as a run names it: where it stands in the stream and which lineage it belongs to. */
export interface RunFact {
  readonly seq: number;
  readonly id: string;
  readonly origin: string;
  readonly factKey: string;
  readonly subject: string;
  /** Where facts are retracted: what says which of two facts is newer (`compareFacts`). */
  readonly observedAt?: string;
  readonly originSequence?: number;
  /** Where it stands in a trace, as the fact says; nothing depends on it. ADR 0053. */
  readonly traceparent?: string;
}

/** When and how often a failed run is tried again. Milliseconds. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** What every run has, whatever starts it. `source` is where an accepted part will stand. */
interface OrderMembers {
  readonly runId: string;
  readonly attempt: number;
  readonly plugin: string;
  readonly revision: number;
  readonly source: string;
  readonly facts: readonly RunFact[];
  readonly retry: RetryPolicy;
  readonly halving?: Halving;
  readonly remakes?: RemadePart;
}

/**
 * A part of several lineages of which some left: the run is for the others, and takes its place. `reason`: why it is run, for
 * people. The new part ends when the old one would have ended.
 */
export interface RemadePart {
  readonly source: string;
  readonly generation: number;
  readonly reason: string;
}

/**
 * Of a run that has a piece of a batch that failed. The pieces of a batch run one after the other, so that each order says all
 * that is still to be done. ADR 0033.
 */
export interface Halving {
  /** Run id of the whole batch. */
  readonly of: string;
  /** Run and attempt at whose end this run was planned: `<run id>.<attempt>`. */
  readonly after: string;
  /** The pieces that come after this run, in their order. */
  readonly rest: readonly (readonly RunFact[])[];
}

/** A run that facts start: planned by `matcher`. `revision` = max(revision of the subscription, of its plugin). */
export interface RunOrder extends OrderMembers {
  readonly subscription: string;
  readonly group: string;
  readonly trigger?: undefined;
}

/** What starts a run that no subscription starts: the clock, a fact of a topic, or a person. ADRs 0035 and 0037. */
export const RUN_TRIGGERS = ['interval', 'event', 'manual'] as const;
export interface RunTrigger {
  readonly type: (typeof RUN_TRIGGERS)[number];
  /** Name of the DynamicConfigSource that binds the plugin; absent: the plugin runs on its own account. */
  readonly configSource?: string;
  /** Who asked for it. Of `manual`. */
  readonly author?: string;
  /** Whose facts started it, as the trigger names them. Of `event`. */
  readonly topic?: string;
  /** Sequence of the newest fact of the topic when it was planned: the runs say which facts have led to one. Of `event`. */
  readonly seq?: number;
}

/**
 * A run that no subscription starts: planned by `plugin-runner`. Its part stands under its owner, so there is one. `revision` =
 * max(revision of the plugin, of the DynamicConfigSource); `facts` are empty: what a person gives stands in `planned.contents` only.
 */
export interface PluginOrder extends OrderMembers {
  readonly trigger: RunTrigger;
  readonly subscription?: undefined;
  readonly group?: undefined;
}

/** What the runner has to execute. */
export type AnyOrder = RunOrder | PluginOrder;

/** The effective configuration as matcher knew it when it planned a run. */
export interface ConfigAtPlan {
  /** Number of its generation; 0 = there was none yet. */
  readonly generation: number;
  /** Generation of the part that a result of the run replaces; 0 = there is none. */
  readonly replaces: number;
}

/** What a plugin proposed, validated in form; it becomes a part only when `renderer` accepts it. */
export interface ProposedPart {
  readonly observedAt: string;
  readonly expiresAt: string;
  readonly resources: readonly Resource[];
  readonly directives: readonly Directive[];
  readonly actionPlans: readonly ActionPlan[];
}

/**
 * What a BackendSource proposes: the whole part, which takes the place of the one before and is held until the next one or a
 * withdrawal. `facts`: the registrations that it comes from, of one `group`; `factOf`: for each resource the place of its fact
 * among them, -1 for none. ADR 0028.
 */
export interface DiscoveredPart {
  readonly runId: string;
  readonly owner: string;
  readonly observedAt: string;
  readonly resources: readonly Resource[];
  readonly facts: readonly RunFact[];
  readonly factOf: readonly number[];
  readonly group?: string;
}

/** What one execution left behind. */
export interface Execution {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly pluginDigest?: string;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdoutDigest?: string;
  /** At most the last 8 KiB. */
  readonly stderr?: string;
}

/**
 * Records of `activity.run.<what>`: `matcher` appends plans (`planned`, and `ended` of what is skipped) and withdrawals,
 * `plugin-runner` executions (`started` and the other `ended`), plans and withdrawals of runs that no subscription starts, `balancer` what sources brought (`discovered`, and withdrawals).
 * `planned.contents`: the facts, in the order of `facts`, when matcher had them at hand; otherwise they are read by their
 * sequence. `planned.config`: what the plugin is told of the configuration.
 * `ended.outcome`: proposed (has a part), failed (has an error), lost (the runner died between start and end),
 * skipped (nothing was executed and nothing will be: see `error`).
 */
export type RunRecord =
  | ({
      readonly type: 'planned';
      readonly at: string;
      readonly contents?: readonly Fact[];
      readonly config?: ConfigAtPlan;
    } & AnyOrder)
  | {
      readonly type: 'started';
      readonly at: string;
      readonly runId: string;
      readonly attempt: number;
      /** sha256 of the program; what an endpoint runs has none. */
      readonly pluginDigest?: string;
    }
  | {
      readonly type: 'ended';
      readonly at: string;
      readonly order: AnyOrder;
      readonly outcome: 'proposed' | 'failed' | 'lost' | 'skipped';
      readonly execution?: Execution;
      readonly outcomes?: readonly FactOutcome[];
      readonly part?: ProposedPart;
      readonly error?: ErrorBody;
    }
  | ({ readonly type: 'discovered'; readonly at: string } & DiscoveredPart)
  | {
      /** What the owner derived from these lineages (all of them when absent) ends at `dueAt`. */
      readonly type: 'withdrawn';
      readonly at: string;
      readonly owner: string;
      readonly lineages?: readonly string[];
      readonly dueAt: string;
      readonly reason: string;
    }
  | {
      readonly type: 'withdraw-cancelled';
      readonly at: string;
      readonly owner: string;
      readonly lineages?: readonly string[];
      readonly reason: string;
    };

/** States of a run as people see them (architecture section 5). */
export const RUN_STATES = [
  'waiting',
  'queued',
  'running',
  'retrying',
  'proposed',
  'succeeded',
  'failed',
  'withdrawn',
  'skipped',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** States from which only a further attempt (an operator's retry) leads away. */
export const ENDED_STATES: readonly RunState[] = ['succeeded', 'failed', 'skipped', 'withdrawn'];
/** States in which the current attempt has not ended yet. */
export const OPEN_STATES: readonly RunState[] = ['queued', 'running'];

/** The members of an order, out of something that has more. */
export function orderOf(of: RunOrder): RunOrder;
export function orderOf(of: AnyOrder): AnyOrder;
export function orderOf(of: AnyOrder): AnyOrder {
  const { runId, attempt, plugin, revision, source, facts, retry, halving, remakes } = of;
  const order = {
    ...{ runId, attempt, plugin, revision, source, facts, retry },
    ...(halving && { halving }),
    ...(remakes && { remakes }),
  };
  if (of.trigger !== undefined) return { ...order, trigger: of.trigger };
  const { subscription, group } = of;
  return { ...order, subscription, group };
}

/** The order inside a `planned` record. */
export function orderOfPlanned(record: RunOrder): RunOrder;
export function orderOfPlanned(record: AnyOrder): AnyOrder;
export function orderOfPlanned(record: AnyOrder): AnyOrder {
  return orderOf(record);
}

/** Who may replace and withdraw the part of a run. */
export function ownerOfOrder(order: AnyOrder): string {
  if (order.trigger === undefined) return subscriptionOwner(order.subscription);
  return ownerOfTrigger(order.plugin, order.trigger);
}

/** Who may replace and withdraw the part of a plugin that no subscription starts. */
export function ownerOfTrigger(plugin: string, { configSource }: RunTrigger): string {
  return configSource === undefined ? pluginOwner(plugin) : configSourceOwner(configSource);
}
