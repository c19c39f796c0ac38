import type { Cause, ConfigRecord, PartRecord, RunRecord } from '@signalbox/contracts';
import type { ConfigModel } from './config-model.js';
import { type Proposal, proposalOfRun, proposalOfSource } from './decide-proposal.js';

/** A run record that may lead to something; plans and starts do not. */
export type DecidedRun = Exclude<RunRecord, { type: 'planned' | 'started' }>;

/**
 * Decides with a model, and folds what was decided at once: the next decision builds on it. The records of one turn are what the
 * methods return, in the order of the calls. `nowMs`: milliseconds since 1970.
 */
export class Deciding {
  /** `bounds.maxRecordBytes`: most that one record may have as JSON, asked each time. */
  constructor(
    private readonly model: ConfigModel,
    private readonly bounds: { readonly maxRecordBytes: number },
  ) {}

  /** What the end of a run, what a source brought, or a withdrawal leads to. `dueByMs`: which withdrawals are due. */
  run(record: DecidedRun, cause: Cause, nowMs: number, dueByMs = nowMs): PartRecord[] {
    if (record.type === 'ended' || record.type === 'discovered') {
      const proposal = record.type === 'ended' ? proposalOfRun(record) : proposalOfSource(record);
      const expired = this.fold(this.model.decideExpiries(nowMs));
      const decision = proposal && this.decide(proposal, cause, nowMs);
      return decision ? [...expired, ...this.fold([decision])] : expired;
    }
    if (record.type === 'withdrawn') this.model.applyWithdrawal(record, cause);
    else this.model.applyCancellation(record);
    return this.fold(this.model.decideWithdrawals(nowMs, dueByMs));
  }

  /** What follows from everything that is folded: parts that ended, quarantine, and at most one new generation. */
  settle(cause: Cause, nowMs: number): ConfigRecord[] {
    const { model } = this;
    const ended = this.fold([...model.decideExpiries(nowMs), ...model.decideWithdrawals(nowMs)]);
    const held = this.fold(model.decideQuarantine(cause, nowMs));
    const generation = model.decideEffective(cause, nowMs, this.bounds.maxRecordBytes);
    for (const record of generation) model.applyEffective(record);
    return [...ended, ...held, ...generation];
  }

  private fold(records: PartRecord[]): PartRecord[] {
    for (const record of records) this.model.applyPart(record);
    return records;
  }

  private decide(proposal: Proposal, cause: Cause, nowMs: number): PartRecord | undefined {
    const decision = this.model.decideProposal(proposal, cause, nowMs);
    if (decision?.type !== 'accepted') return decision;
    const most = this.bounds.maxRecordBytes;
    const bytes = Buffer.byteLength(JSON.stringify(decision));
    if (bytes <= most) return decision;
    const message = `the part has ${bytes} bytes with its provenance, one message may have ${most}: propose less`;
    const { runId, attempt, owner, source } = decision.part;
    return {
      type: 'rejected',
      at: decision.at,
      cause,
      runId,
      attempt,
      owner,
      source,
      error: { code: 'result-too-large', message },
    };
  }
}
