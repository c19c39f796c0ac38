import {
  type BackendSourceSpec,
  canonicalJson,
  type DiscoveredPart,
  type ErrorBody,
  formatTime,
  readScopedName,
  type RunFact,
  sha256Hex,
  sourceOwner,
  type SourceStatus,
  type Part,
  withoutProvenance,
} from '@signalbox/contracts';
import { decideContent, type HeldBack, isDrainedAway, leave, sourceRules } from './decide-source.js';
import type { Observation } from './endpoint.js';
import { FittingPart } from './fitting-part.js';
import {
  EMPTY_STATE,
  type SourceResource,
  sourceResources,
  type SourceState,
  stateOfResources,
} from './source-state.js';

/** A source as its resource declares it: scoped name, project, and spec. */
export interface DeclaredSource {
  readonly name: string;
  readonly project: string;
  readonly spec: BackendSourceSpec;
}

/** A part that is to be proposed, and the digest of what it says. */
export interface SourceProposal {
  readonly part: DiscoveredPart;
  readonly digest: string;
}

/** What a source brought until now, and the digest of what of that was proposed last. */
export interface BroughtBefore {
  readonly state: SourceState;
  readonly digest: string | undefined;
}

/** What the part of a source says, after a restart. */
export function broughtBy(part: Pick<Part, 'resources'>, source: DeclaredSource): BroughtBefore {
  const resources = part.resources.map(withoutProvenance);
  const { name } = readScopedName(source.name);
  return {
    state: stateOfResources(resources, { ...source, name }),
    digest: digestOfResources(resources.map((resource) => ({ resource }))),
  };
}

/** What a source said last that it can be counted on: it has all there is since, or it is away since. */
interface Standing {
  readonly state: SourceStatus['state'];
  readonly sinceMs: number;
  readonly reason?: string;
}

/**
 * What one source has said, what follows from that, and what of it was proposed. Nothing is proposed before the source has said
 * once what it has: whoever was there before a restart stays. Milliseconds since 1970.
 */
export class SourceProgress {
  private readonly rules;
  private readonly identity;
  private readonly fitting: FittingPart;
  private held: SourceState;
  private standing: Standing;
  private refused: readonly string[] = [];
  private heldBack: (HeldBack & { readonly sinceMs: number }) | undefined;
  private rejection: { readonly error: ErrorBody; readonly sinceMs: number } | undefined;
  private leavesMs: number | undefined;
  private observedMs: number;
  private count = { endpoints: 0, draining: 0 };
  /** Digest of what was proposed last; undefined when that is to be proposed again, or nothing was. */
  private proposed: string | undefined;
  /** Digest of what the renderer took last, as far as this process knows. */
  private taken: string | undefined;

  /** `before`: what it brought, when it did. */
  constructor(
    private readonly source: DeclaredSource,
    before: BroughtBefore | undefined,
    nowMs: number,
  ) {
    this.rules = sourceRules(source.spec);
    this.identity = { ...source, name: readScopedName(source.name).name };
    this.held = before?.state ?? EMPTY_STATE;
    this.proposed = before?.digest;
    this.fitting = new FittingPart(before ? sourceResources(before.state, this.identity) : []);
    this.observedMs = nowMs;
    this.standing = { state: 'starting', sinceMs: nowMs };
    this.recount(false);
  }

  /** For a progress that goes on with a changed resource. */
  get brought(): BroughtBefore {
    return { state: this.held, digest: this.proposed };
  }

  /** The source said something. */
  observe(observation: Observation, nowMs: number): void {
    const { state } = this.standing;
    if (observation.type === 'unavailable') {
      const sinceMs = state === 'unavailable' ? this.standing.sinceMs : nowMs;
      this.standing = { state: 'unavailable', sinceMs, reason: observation.reason };
      return;
    }
    const { content } = observation;
    const decision = decideContent(this.held, content, this.rules, nowMs);
    this.held = decision.state;
    const { heldBack } = decision;
    this.heldBack = heldBack && { ...heldBack, sinceMs: this.heldBack?.sinceMs ?? nowMs };
    this.leavesMs = decision.nextDueMs;
    this.refused = content.refused;
    this.observedMs = nowMs;
    this.standing = state === 'synced' ? this.standing : { state: 'synced', sinceMs: nowMs };
  }

  /** The part that is to be proposed now; undefined when that was done. It counts as proposed when {@link stored} says so. */
  next(nowMs: number): SourceProposal | undefined {
    const left = leave(this.held, nowMs);
    this.held = left.state;
    this.leavesMs = left.nextDueMs;
    if (this.standing.state === 'starting') return undefined;
    const { resources: all, allDraining } = this.content(nowMs);
    this.recount(allDraining);
    const resources = this.fitting.fit(all);
    const isUnknown =
      this.standing.state === 'unavailable' && this.proposed === undefined && resources.length === 0;
    const digest = digestOfResources(resources);
    // what was refused is gone, and the rest is in the config
    if (!this.fitting.isPartial && digest === this.taken) this.rejection = undefined;
    if (isUnknown || digest === this.proposed) return undefined;
    if (this.fitting.isPartial && digest === this.taken) {
      this.proposed = digest;
      return undefined;
    }
    const owner = sourceOwner(this.source.name);
    const { facts, factOf } = factsOf(resources);
    const group = this.source.spec.facts?.group;
    const at = formatTime(nowMs);
    const runId = `discovery-${sha256Hex(`${owner}\0${digest}\0${at}`).slice(0, 24)}`;
    this.fitting.proposed(runId, digest, resources);
    return {
      digest,
      part: {
        runId,
        owner,
        observedAt: formatTime(this.observedMs),
        resources: resources.map(({ resource }) => resource),
        facts,
        factOf,
        ...(group !== undefined && facts.length > 0 && { group }),
      },
    };
  }

  /** A proposal is stored. */
  stored({ digest }: SourceProposal): void {
    this.proposed = digest;
  }

  /** The renderer took a part. What was left out of it is told as before. */
  accepted(runId: string): void {
    const digest = this.fitting.take(runId);
    if (digest === undefined) return;
    this.taken = digest;
    if (!this.fitting.isPartial) this.rejection = undefined;
    else if (this.rejection)
      this.rejection = { ...this.rejection, error: this.leftOut(this.rejection.error) };
  }

  /** The renderer refused a part. Whether there is less to propose, which may fit. */
  rejected(runId: string, error: ErrorBody, nowMs: number): boolean {
    const mayFit = this.fitting.refuse(runId, error);
    this.failed(this.fitting.isPartial ? this.leftOut(error) : error, nowMs);
    return mayFit;
  }

  /** Nothing of what was proposed last can be in the config. */
  failed(error: ErrorBody, nowMs: number): void {
    this.rejection = { error, sinceMs: this.rejection?.sinceMs ?? nowMs };
  }

  /** What was refused may be right by now: all of it is proposed again. Whether there is such. */
  retry(): boolean {
    if (!this.rejection) return false;
    this.fitting.retry();
    this.proposed = undefined;
    return true;
  }

  /** When {@link next} may have something although nothing was said. */
  nextDueMs(nowMs: number): number | undefined {
    const { state, sinceMs } = this.standing;
    const drainMs = sinceMs + this.rules.unavailableAfterMs;
    const isDrainDue = state === 'unavailable' && this.rules.onUnavailable === 'drain' && drainMs > nowMs;
    const due = [...(isDrainDue ? [drainMs] : []), ...(this.leavesMs === undefined ? [] : [this.leavesMs])];
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Resources of the part: what it costs to decide on it. */
  get size(): number {
    return this.held.frame.size + 2 * this.held.endpoints.size;
  }

  status(): SourceStatus {
    const { state, sinceMs, reason } = this.standing;
    const { heldBack, refused, rejection } = this;
    return {
      source: this.source.name,
      state,
      since: formatTime(sinceMs),
      ...this.count,
      ...(reason !== undefined && { reason }),
      ...(heldBack && {
        heldBack: { leaving: heldBack.leaving, of: heldBack.of, since: formatTime(heldBack.sinceMs) },
      }),
      refused,
      ...(rejection && { rejected: { ...rejection.error, since: formatTime(rejection.sinceMs) } }),
    };
  }

  /** Whether it has been away for longer than its spec bears. */
  isAway(nowMs: number): boolean {
    const { state, sinceMs } = this.standing;
    return state === 'unavailable' && nowMs >= sinceMs + this.rules.unavailableAfterMs;
  }

  private content(nowMs: number): {
    readonly resources: readonly SourceResource[];
    readonly allDraining: boolean;
  } {
    const { state, sinceMs } = this.standing;
    const allDraining = state === 'unavailable' && isDrainedAway(this.rules, sinceMs, nowMs);
    return { resources: sourceResources(this.held, this.identity, { allDraining }), allDraining };
  }

  private leftOut({ code }: ErrorBody): ErrorBody {
    return { code, message: this.fitting.reason };
  }

  private recount(allDraining: boolean): void {
    let draining = 0;
    for (const { isDraining, leavesAt } of this.held.endpoints.values())
      if (allDraining || isDraining || leavesAt !== undefined) draining += 1;
    this.count = { endpoints: this.held.endpoints.size, draining };
  }
}

/** Digest of what a part says, whatever facts it comes from. */
function digestOfResources(resources: readonly SourceResource[]): string {
  return sha256Hex(canonicalJson(resources.map(({ resource }) => withoutProvenance(resource))));
}

function factsOf(resources: readonly SourceResource[]): Pick<DiscoveredPart, 'facts' | 'factOf'> {
  const places = new Map<RunFact, number>();
  const factOf = resources.map(({ fact }) => {
    if (!fact) return -1;
    const known = places.get(fact) ?? places.size;
    places.set(fact, known);
    return known;
  });
  return { facts: [...places.keys()], factOf };
}
