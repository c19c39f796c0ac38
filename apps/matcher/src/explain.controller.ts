import { Payload } from '@nestjs/microservices';
import { Bus, getBySeq, MessageController, OnRequest, whatIsKept } from '@signalbox/bus';
import {
  CodedError,
  decodeFactRecord,
  type FactRecord,
  factsStream,
  formatTime,
  type RunFact,
  SUBJECTS,
  timestampMs,
} from '@signalbox/contracts';
import { explainFact, type MatchExplanation, retractionText } from './domain/explain.js';
import { retractedBy } from './domain/lineage-ends.js';
import { isOlder } from './domain/retractions.js';
import type { Rule } from './domain/rule.js';
import { LiveFacts, matchedFact, retractionOf, type StoredFact } from './live-facts.js';
import { PastRules } from './past-rules.js';
import { Planning } from './planning.js';
import { RecordedSwitches } from './recorded-switches.js';

/** The answer to "why did it not fire?". */
export interface Explanation {
  /** Revision at which the fact was decided first. */
  readonly revision: number;
  readonly decisions: readonly MatchExplanation[];
}

/** Computes the decisions for a fact again, at the revision that was in force for it. Nothing is stored per non-match. */
@MessageController()
export class ExplainController {
  constructor(
    private readonly bus: Bus,
    private readonly past: PastRules,
    private readonly facts: LiveFacts,
    private readonly switches: RecordedSwitches,
    private readonly planning: Planning,
  ) {}

  @OnRequest(SUBJECTS.ask('matcher', 'explain'))
  async explain(@Payload() data: Uint8Array): Promise<Explanation> {
    const { group, id } = JSON.parse(Buffer.from(data).toString()) as { group: string; id: string };
    const stored = await this.facts.find(group, id);
    const [message] = stored ? await getBySeq(this.bus, factsStream(group), [stored.seq]) : [];
    if (!stored || !message) throw await this.unknown(group, id);
    const record = decodeFactRecord(message.data);
    const switches = await this.switches.of(group);
    const first = switches.filter(({ fromSeq }) => fromSeq <= stored.seq).at(-1);
    const decisions = new Map<string, MatchExplanation>();
    if (first) await this.decide(decisions, first.revision, group, record, timestampMs(record.acceptedAt));
    for (const later of switches.filter(({ fromSeq }) => fromSeq > stored.seq)) {
      const names = new Set(later.reevaluated);
      await this.decide(decisions, later.revision, group, record, timestampMs(later.at), names);
    }
    const newest = switches.at(-1);
    const retracting = newest ? [...(await this.past.at(newest.revision)).values()] : [];
    for (const rule of retracting.filter((one) => one.group === group && decisions.has(one.subscription)))
      if (rule.retract?.types.includes(record.fact.type))
        decisions.set(rule.subscription, {
          ...decisions.get(rule.subscription)!,
          retracts: await this.retraction(rule, record, stored),
        });
    const told = [...decisions.values()]
      .sort((a, b) => (a.subscription < b.subscription ? -1 : 1))
      .map((decision) => ({ ...decision, ...this.planning.waitingOf(decision.subscription, stored) }));
    return { revision: first?.revision ?? 0, decisions: told };
  }

  private async unknown(group: string, id: string): Promise<CodedError> {
    const kept = await whatIsKept(this.bus, group);
    return new CodedError('not-found', `no fact ${id} in group ${group}${kept ? `; ${kept}` : ''}`);
  }

  /** What the fact ends, by what is there now. */
  private async retraction(rule: Rule, { current }: FactRecord, stored: StoredFact): Promise<string> {
    const { fact, seq } = stored;
    const pending = this.planning.withdrawals.ofFact(rule.subscription, fact.group, fact.id);
    const observed = await this.facts.observed(fact, rule.match.types);
    const isLater =
      observed !== undefined &&
      ((observed.version > 1 && observed.seq > seq) || isOlder(runFactOf(stored), runFactOf(observed)));
    const [first] = pending;
    const names = this.planning.succession.namesOf(rule.subscription);
    return retractionText({
      isVoid: !current || retractionOf(stored) === undefined,
      ...(first && { pending: { dueAt: formatTime(first.dueMs), lineages: pending.length } }),
      ended: await this.facts.withdrawnFor(names, retractedBy(fact.id, fact.type)),
      ...(observed && { observed: { id: observed.fact.id, isLater } }),
    });
  }

  private async decide(
    into: Map<string, MatchExplanation>,
    revision: number,
    group: string,
    record: FactRecord,
    nowMs: number,
    only?: ReadonlySet<string>,
  ): Promise<void> {
    const rules = [...(await this.past.at(revision)).values()].filter(
      (rule) => rule.group === group && (only === undefined || only.has(rule.subscription)),
    );
    for (const decision of explainFact(rules, record, nowMs)) {
      const changedAt = this.planning.changedAt(decision.subscription, group, revision);
      into.set(decision.subscription, { ...decision, ...(changedAt !== undefined && { changedAt }) });
    }
  }
}

function runFactOf({ fact, seq, version }: StoredFact): RunFact {
  return matchedFact(fact, seq, version, true).fact;
}
