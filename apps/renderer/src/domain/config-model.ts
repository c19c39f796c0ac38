import {
  type Cause,
  type Changeset,
  type ConfigPlan,
  DueHeap,
  type EffectiveRecord,
  type EffectiveResource,
  formatTime,
  type Part,
  type PartRecord,
  type PartRef,
  placeOf,
  type QuarantinedPart,
  QuotaBook,
  refKey,
  type ResourceChange,
  type ResourceRef,
  type SuppressedResource,
} from '@signalbox/contracts';
import {
  type Change,
  ClaimIndex,
  claimsAfter,
  maskedKeys,
  resolveUnmasked,
  successionIn,
  touchedKeys,
} from './claims.js';
import { CLOCK_CAUSE, decideExpiries, decideWithdrawal, type PartEnd } from './decide-ends.js';
import { type Arrival, decideProposal, type Proposal, type ProposalDecision } from './decide-proposal.js';
import { EFFECTIVE_CHUNK_BYTES, effectiveRecords } from './effective-records.js';
import { EffectiveView } from './effective-view.js';
import { handedOver } from './handed-over.js';
import { compareText, type StartupResource, startupResource } from './keyed-resource.js';
import { type LivePart, livePart } from './live-part.js';
import { LiveParts } from './live-parts.js';
import { maskersOf, suppressed } from './masks.js';
import type { ModelSnapshot } from './model-snapshot.js';
import type { MergeRules } from './part-content.js';
import { planChanges } from './plan-changes.js';
import { type Cancellation, PendingWithdrawals, type Withdrawal } from './pending-withdrawals.js';
import { reasonOf } from './problem.js';
import { Quarantine } from './quarantine.js';
import { quotaChanges } from './quota-changes.js';
import { settle } from './settle.js';

export { CLOCK_CAUSE } from './decide-ends.js';

/**
 * The effective config of a site, kept so that one changed part costs that part and not the whole config.
 *
 * `apply*` folds what is written in the streams and is the only thing that changes the model. `decide*` returns the
 * records that follow from it; they take effect when they are appended and applied. After every applied record the
 * service asks `decideQuarantine` and then `decideEffective`.
 */
export class ConfigModel {
  private readonly claims = new ClaimIndex();
  private readonly parts = new LiveParts();
  private readonly expiries = new DueHeap();
  private readonly withdrawals = new PendingWithdrawals();
  private readonly quarantine = new Quarantine();
  private readonly quotas = new QuotaBook();
  /** Keys of what active parts mask. */
  private readonly suppressed = new Set<string>();
  private readonly effective: EffectiveView;
  /** What was found out about the part that was accepted last, until anything changes. */
  private arrival: Arrival | undefined;
  private revision: number;
  private acceptances = 0;

  constructor(
    snapshot: ModelSnapshot,
    private readonly rules: MergeRules,
  ) {
    const { startup, parts, lastGenerations, effective } = snapshot;
    this.revision = snapshot.revision;
    this.effective = new EffectiveView(effective.generation, effective.entries);
    for (const { source, generation } of lastGenerations) this.parts.raiseGeneration(source, generation);
    const loaded = parts.map(({ part, state, reason = '' }) => ({ live: this.accept(part), state, reason }));
    this.advance({
      startup: declared(
        startup.map(({ resource, revision }) => startupResource(resource, revision, this.rules)),
      ),
      arriving: loaded.map(({ live }) => live),
    });
    for (const { live, state, reason } of loaded) if (state === 'quarantined') this.hold(live, reason);
  }

  // evolve

  /** One apply of operator resources. A revision that is already in the model changes nothing. */
  applyChangeset(revision: number, { changes }: Changeset): void {
    if (revision <= this.revision) return;
    this.revision = revision;
    const startup = this.put(revision, changes);
    const after = claimsAfter(this.claims, { startup });
    this.advance({ startup, handedOver: handedOver(startup, this.claims, after, this.parts) });
  }

  /** One part record. A record about a part that has ended or was replaced changes nothing. */
  applyPart(record: PartRecord): void {
    switch (record.type) {
      case 'rejected':
        return;
      case 'accepted': {
        const { part, supersedes, cause } = record;
        if (part.generation <= this.parts.lastGeneration(part.source)) return;
        const { live, change, verdicts } = this.arrivalOf(part, supersedes);
        this.parts.proposed(live, placeOf(cause));
        this.advance(change, verdicts);
        return;
      }
      case 'expired':
      case 'withdrawn': {
        const live = this.parts.find(record);
        if (live !== undefined) this.advance({ ending: [live] });
        return;
      }
      case 'quarantined':
      case 'restored': {
        const live = this.parts.find(record);
        if (live !== undefined) this.hold(live, record.type === 'quarantined' ? record.reason : undefined);
        return;
      }
    }
  }

  /** Where a part was proposed that is in the model already: its record stands before the point it was loaded at. */
  applyProposal(ref: PartRef, cause: Cause): void {
    const live = this.parts.find(ref);
    if (live !== undefined) this.parts.proposed(live, placeOf(cause));
  }

  /** A withdrawal, due or not; see {@link decideWithdrawals}. */
  applyWithdrawal(withdrawal: Withdrawal, cause: Cause): void {
    this.withdrawals.add(withdrawal, cause);
  }

  /** What was to be withdrawn and is not due yet stays. */
  applyCancellation(cancellation: Cancellation): void {
    for (const owner of successionIn(this.claims).namesOf(cancellation.owner))
      this.withdrawals.cancel({ ...cancellation, owner });
  }

  /**
   * One record of a generation. Chunks count as soon as they are applied: if the rest of a generation was lost in a
   * crash, the next generation carries it.
   */
  applyEffective(record: EffectiveRecord): void {
    this.effective.record(record);
  }

  /** Whether a part is the last of its source and has ended. */
  hasEnded(ref: PartRef): boolean {
    return this.parts.hasEnded(ref);
  }

  /** No record and no row of an ended part is kept, nor of an older one of its source. */
  forget(ended: PartRef): void {
    this.parts.forget(ended);
  }

  // decide

  /**
   * Accepted or rejected; undefined when the live part of its source already stems from this very attempt: the record came
   * twice. Decide what is due by time before this.
   */
  decideProposal(proposal: Proposal, cause: Cause, nowMs: number): PartRecord | undefined {
    const { claims, parts, rules, quotas } = this;
    const { source, runId, attempt } = proposal.made;
    const live = parts.ofSource(source)?.part;
    if (live && live.runId === runId && live.attempt >= attempt) return undefined;
    const context = { claims, parts, rules, quotas, order: this.acceptances + 1 };
    const decision = decideProposal(proposal, cause, nowMs, context);
    this.arrival = decision.arrival;
    return decision.record;
  }

  /** What would become of a proposal, as {@link decideProposal}; nothing is kept of it. */
  tryProposal(proposal: Proposal, nowMs: number): ProposalDecision['record'] {
    const { claims, parts, rules, quotas } = this;
    const context = { claims, parts, rules, quotas, order: this.acceptances + 1 };
    return decideProposal(proposal, CLOCK_CAUSE, nowMs, context).record;
  }

  /** Ends of the owner's parts (those from one of the lineages, when given) once the withdrawal is due. */
  decideWithdrawal(withdrawal: Withdrawal, cause: Cause, nowMs: number): PartEnd[] {
    return decideWithdrawal(withdrawal, this.parts, successionIn(this.claims), cause, nowMs);
  }

  /** Ends of what is to be withdrawn by now. Each withdrawal is given once: what it ends is to be applied. */
  decideWithdrawals(nowMs: number, dueByMs = nowMs): PartEnd[] {
    const due = this.withdrawals.takeDue(dueByMs);
    return due.flatMap(({ withdrawal, cause }) => this.decideWithdrawal(withdrawal, cause, nowMs));
  }

  /** Sequence of the message with the first withdrawal that is not due yet: a start has to read it again. */
  get firstPendingSeq(): number | undefined {
    return this.withdrawals.firstSeq;
  }

  /** Ends of the parts whose time has come, by (expiresAt, source). */
  decideExpiries(nowMs: number): PartRecord[] {
    const due = this.expiries.dueBy(nowMs).map((source) => this.parts.ofSource(source));
    return decideExpiries(
      due.filter((live) => live !== undefined),
      nowMs,
    );
  }

  /** When the next part ends or is withdrawn. Milliseconds since 1970. */
  nextDueMs(): number | undefined {
    const due = [this.expiries.nextMs, this.withdrawals.nextMs].filter((ms) => ms !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Parts that no longer merge, each alone, and parts that merge again because the cause is gone (D15). */
  decideQuarantine(cause: Cause, nowMs: number): PartRecord[] {
    return this.quarantine.decide(cause, nowMs);
  }

  /** The next generation, in chunks of at most `maxBytes`; empty when the content is the recorded one. */
  decideEffective(cause: Cause, nowMs: number, maxBytes = EFFECTIVE_CHUNK_BYTES): EffectiveRecord[] {
    const differences = this.effective.differences();
    if (differences === undefined) return [];
    const head = {
      generation: this.effective.generation + 1,
      at: formatTime(nowMs),
      cause,
      revision: this.revision,
      digest: this.digest(),
      resources: this.effective.size,
    };
    const quarantined = this.quarantinedParts();
    return effectiveRecords(
      head,
      { ...differences, quarantined, suppressed: this.suppressedResources() },
      maxBytes,
    );
  }

  // read

  /** The effective config in canonical order, with the newest provenance. */
  render(): EffectiveResource[] {
    return this.effective.render();
  }

  find(ref: ResourceRef): EffectiveResource | undefined {
    return this.effective.find(refKey(ref));
  }

  /** Configuration digest (ADR 0003) of what `render` gives. */
  digest(): string {
    return this.effective.digest;
  }

  /**
   * What the config would be after a change of operator resources and what follows from it, against how it is now. Changes nothing,
   * and costs the change.
   */
  plan(changes: readonly ResourceChange[]): ConfigPlan {
    const { claims, parts, quarantine, effective, suppressed, rules, revision } = this;
    const standing = { claims, parts, quarantine, effective, suppressed };
    const planned = planChanges(this.put(revision + 1, changes), standing, rules);
    return { generation: effective.generation, revision, ...planned };
  }

  /** Revision of the newest changeset that is folded. */
  get foldedRevision(): number {
    return this.revision;
  }

  /** Number of the last recorded generation. */
  generation(): number {
    return this.effective.generation;
  }

  /** How many parts have not ended, and of how many sources the last generation is known. */
  sizes(): { readonly liveParts: number; readonly sources: number } {
    return { liveParts: this.parts.size, sources: this.parts.sources };
  }

  /** Parts that are in the effective config, by source. */
  activeParts(): Part[] {
    const active = [...this.parts.all()].filter((live) => this.quarantine.isActive(live));
    return active.map(({ part }) => part).sort((a, b) => compareText(a.source, b.source));
  }

  /** Parts that are held back, by source, with the recorded reason. */
  quarantinedParts(): QuarantinedPart[] {
    return this.quarantine.list();
  }

  /** Operator resources that active parts hide, by identity. */
  suppressedResources(): SuppressedResource[] {
    return [...this.suppressed]
      .sort(compareText)
      .map((key) => suppressed(this.claims.startup(key)!, this.activeMaskers(key)));
  }

  /** Generation that the next part of a source follows, 0 when it never had one. */
  lastGeneration(source: string): number {
    return this.parts.lastGeneration(source);
  }

  /** Changed operator resources by key; one that is deleted is undefined. */
  private put(
    revision: number,
    changes: readonly ResourceChange[],
  ): ReadonlyMap<string, StartupResource | undefined> {
    return new Map(
      changes.map((change): [string, StartupResource | undefined] => {
        if (change.op === 'delete') return [refKey(change.ref), undefined];
        const resource = startupResource(change.resource, revision, this.rules);
        return [resource.key, resource];
      }),
    );
  }

  /** A part as it enters the model: as its proposal was judged, while nothing has changed since. */
  private arrivalOf(part: Part, supersedes: readonly PartRef[]): Arrival {
    if (this.arrival?.live.part === part) {
      this.acceptances = this.arrival.live.order;
      return this.arrival;
    }
    const live = this.accept(part);
    const replaced = this.parts.ofSource(part.source);
    const superseded = supersedes.map((ref) => this.parts.find(ref));
    const ending = [replaced, ...superseded].filter((one) => one !== undefined);
    const change = { ending, arriving: [live] };
    return { live, change, verdicts: settle(this.claims, change, this.rules) };
  }

  private accept(part: Part): LivePart {
    this.acceptances += 1;
    return livePart(part, this.acceptances, this.rules);
  }

  private advance(change: Change, verdicts = settle(this.claims, change, this.rules)): void {
    this.arrival = undefined;
    this.quotas.apply(quotaChanges(this.claims, change));
    this.claims.commit(change, verdicts);
    for (const live of change.ending ?? []) {
      this.parts.delete(live);
      this.quarantine.forget(live);
      this.expiries.delete(live.part.source);
    }
    for (const live of change.arriving ?? []) {
      this.parts.add(live);
      if (live.expiresMs !== undefined) this.expiries.set(live.part.source, live.expiresMs);
    }
    for (const live of verdicts.keys()) this.quarantine.compare(live, this.judged(live));
    this.refresh([...touchedKeys(change), ...maskedKeys(change)]);
  }

  private hold(live: LivePart, reason: string | undefined): void {
    this.quarantine.record(live, reason, this.judged(live));
    this.refresh([...live.produces.keys(), ...live.masks.keys()]);
  }

  private activeMaskers(key: string): LivePart[] {
    return maskersOf(this.claims, key, (live) => this.quarantine.isActive(live));
  }

  /** Why the part does not merge now, undefined when it does. */
  private judged(live: LivePart): string | undefined {
    const problems = this.claims.verdict(live)?.problems ?? [];
    return problems.length === 0 ? undefined : reasonOf(problems);
  }

  private refresh(keys: Iterable<string>): void {
    for (const key of keys) {
      this.effective.set(
        key,
        resolveUnmasked(this.claims, key, (live) => this.quarantine.isActive(live)),
      );
      if (this.activeMaskers(key).length > 0) this.suppressed.add(key);
      else this.suppressed.delete(key);
    }
  }
}

function declared(resources: readonly StartupResource[]): ReadonlyMap<string, StartupResource> {
  return new Map(resources.map((resource) => [resource.key, resource]));
}
