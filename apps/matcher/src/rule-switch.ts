import { Injectable } from '@nestjs/common';
import { type PartOfRun, subscriptionOwner } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { Heirs } from './domain/heirs.js';
import { decideMatch } from './domain/match-rule.js';
import { leavesThePast, type Rule } from './domain/rule.js';
import { orderOf } from './domain/run-order.js';
import type { GroupMatching } from './group-matching.js';
import { gatheredFact, lineageOfFact, LiveFacts, matchedFact, type PartSources } from './live-facts.js';
import { Checkpoints } from './checkpoints.js';
import type { Match } from './match.js';
import { PastRules } from './past-rules.js';
import { Planning } from './planning.js';
import { RecordedSwitches } from './recorded-switches.js';

/** How long a start waits for the table of facts. Milliseconds. */
const START_MS = 30_000;

/**
 * Puts changed rules in force: the live facts of changed subscriptions are decided again, what no longer follows from
 * any fact is withdrawn, and the switch is recorded (spec/federation "Subscriptions").
 */
@Injectable()
export class RuleSwitch {
  /** Subscriptions that others took over from at this revision, or before the start. */
  private takenOver: readonly string[] = [];

  constructor(
    private readonly planning: Planning,
    private readonly checkpoints: Checkpoints,
    private readonly live: LiveFacts,
    private readonly past: PastRules,
    private readonly switches: RecordedSwitches,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes over who took over from whom, before the groups follow: what nobody owns any more, because whoever took over does not say
   * so now or went as well, is withdrawn.
   */
  handOver(heirs: Heirs, rules: ReadonlyMap<string, Rule>): void {
    const before = this.planning.succession;
    this.planning.handOver(heirs);
    for (const former of before.handedOver())
      if (!rules.has(heirs.heirOf(former)))
        this.planning.withdraw(former, `EventSubscription/${former} was deleted`);
    this.takenOver = heirs.handedOver().filter((former) => before.heirOf(former) !== heirs.heirOf(former));
  }

  /**
   * Brings one group to `revision`, given the rules of every group by subscription. Runs under the lock, so no fact is
   * matched in between. The switch is recorded last, when what follows from it is stored or written down as pending, and
   * the index follows it: after a crash or a failure before that everything is decided again, with the same run ids.
   */
  async apply(matching: GroupMatching, all: ReadonlyMap<string, Rule>, revision: number): Promise<void> {
    const rules = [...all.values()].filter(({ group }) => group === matching.group);
    const before = new Map(matching.index.all().map((rule) => [rule.subscription, rule]));
    const removed = [...before.values()].filter(
      ({ subscription }) => all.get(subscription)?.group !== matching.group,
    );
    const changed = rules.filter((rule) => {
      const pluginBefore = before.get(rule.subscription)?.pluginExists ?? rule.pluginExists;
      return rule.revision > matching.revision || rule.pluginExists !== pluginBefore;
    });
    await this.rememberRetracting(matching, rules);
    for (const rule of rules) this.planning.setRule(rule);
    // what a rule leaves behind in a group that it has left ends when its new group follows
    for (const rule of removed.filter(({ subscription }) => !all.has(subscription))) {
      this.planning.removeRule(rule);
      if (this.planning.succession.heirOf(rule.subscription) !== rule.subscription) continue;
      this.planning.withdraw(rule.subscription, `EventSubscription/${rule.subscription} was deleted`);
    }
    const reevaluated: string[] = [];
    for (const rule of changed) {
      if (!rule.pluginExists) this.withdrawForPlugin(rule);
      else if (await this.isForNewFacts(matching, rule, before.get(rule.subscription))) continue;
      else await this.reevaluate(matching, rule);
      reevaluated.push(rule.subscription);
    }
    for (const former of this.takenOver) {
      const heir = rules.find(({ subscription }) => subscription === this.planning.succession.heirOf(former));
      if (heir?.pluginExists) await this.takeOver(heir, former);
    }
    if (changed.length > 0 || removed.length > 0) {
      await this.checkpoints.write();
      await matching.switchTo(revision, reevaluated);
    }
    for (const rule of rules) matching.index.put(rule);
    for (const rule of removed) matching.index.remove(rule.subscription);
  }

  /** Facts that retract under a rule were stored before it was in force. */
  private async rememberRetracting(matching: GroupMatching, rules: readonly Rule[]): Promise<void> {
    const { group, position } = matching;
    const types = matching.unknownTypes(rules);
    if (types.length === 0) return;
    // at the start nobody is kept waiting, and ingest may be starting too
    const patienceMs = matching.isReading ? undefined : START_MS;
    matching.remember(types, await this.live.retracting(group, types, position.seq, patienceMs));
  }

  /**
   * At the start, when the rules are in force and no fact of the group is read yet: a fact that came while a run of an older
   * one was in flight, and does not match, ends what that run leads to, whichever process saw it.
   */
  async lookBack(matching: GroupMatching): Promise<void> {
    const { group, position } = matching;
    const { planning } = this;
    // what left a part of several lineages is not recorded before the others are run again
    const lineages = [...planning.lineagesInFlight(group), ...planning.sharedLineages(group)];
    if (lineages.length === 0) return;
    const switches = await this.switches.of(group);
    for (const fact of await this.live.newestOf(group, lineages, position.seq))
      matching.lookAgain(
        fact,
        (rule) =>
          !leavesThePast(rule, group) ||
          switches.some(({ revision, fromSeq }) => revision >= rule.revision && fromSeq <= fact.seq),
      );
  }

  /** At start: what is left of a part was run again before, perhaps in vain; it is not run once more. */
  async noteRemade(): Promise<void> {
    const orders = this.planning.remakingRuns();
    const known = await this.live.knownRuns(orders.map(({ runId }) => runId));
    for (const order of orders) if (known.has(order.runId)) this.planning.remadeBefore(order);
  }

  /** At start: ends what belongs to subscriptions or plugins that were deleted while nobody looked. */
  async withdrawOrphans(rules: ReadonlyMap<string, Rule>): Promise<void> {
    for (const owner of await this.live.liveOwners()) {
      const subscription = owner.slice(subscriptionOwner('').length);
      const rule = rules.get(this.planning.succession.heirOf(subscription));
      if (rule && !rule.pluginExists) this.withdrawForPlugin(rule);
      if (!rule) this.planning.withdraw(subscription, `${owner} was deleted`);
    }
  }

  /**
   * A part that was accepted although its rule changed or went while its run was in work ends, unless the rule in
   * force follows from the same facts: then its own run replaces the part. `rule`: in force for its subscription, or for who took
   * over from it.
   */
  async judge(part: PartOfRun, rule: Rule | undefined): Promise<void> {
    const lineages = part.facts.map(lineageOfFact);
    if (!rule) this.planning.withdraw(part.subscription, `${part.owner} was deleted`, lineages);
    else if (!rule.pluginExists) this.withdrawForPlugin(rule);
    else if (part.subscription !== rule.subscription) this.inherit(rule, await this.live.sourcesOf(part));
    else if (part.revision < rule.revision && !leavesThePast(rule, part.group))
      this.withdrawUnmatched(rule, await this.live.sourcesOf(part));
  }

  /** Whether a changed rule leaves alone what was decided before. `before`: the rule in force, unknown at a start. */
  private async isForNewFacts(
    { group, revision }: GroupMatching,
    rule: Rule,
    before: Rule | undefined,
  ): Promise<boolean> {
    if (rule.onChange !== 'ignore') return false;
    const was = before ?? (await this.past.at(revision)).get(rule.subscription);
    // what is new, or nothing was derived from, has no past to leave alone
    return was?.group === group && was.pluginExists;
  }

  private withdrawForPlugin({ subscription, plugin }: Rule): void {
    this.planning.withdraw(subscription, `Plugin/${plugin} was deleted`);
  }

  private async reevaluate(matching: GroupMatching, rule: Rule): Promise<void> {
    const nowMs = this.clock.now();
    for await (const page of this.live.pages(rule.group, rule.match.types, matching.position.seq, nowMs)) {
      const matches: Match[] = page
        .filter(({ fact }) => decideMatch(rule, fact, { current: true, nowMs }).matched)
        .flatMap(({ fact, seq, version }) => {
          const { subscription, revision, group } = rule;
          const matched = matchedFact(fact, seq, version, rule.retract !== undefined);
          if (this.planning.isTakenBack(rule, matched)) return [];
          this.planning.stays(rule, matched);
          return [
            {
              ...{ subscription, revision, group },
              matched: rule.batch ? gatheredFact(matched, fact, nowMs) : matched,
            },
          ];
        });
      this.planning.matched(await this.notPlanned(rule, matches));
    }
    this.planning.skipOutdated(rule);
    for (const standing of await this.live.partsOf(subscriptionOwner(rule.subscription)))
      this.withdrawUnmatched(rule, standing);
  }

  /** What stands of a subscription that another one took over from, and does not follow from that one's rule, ends. */
  private async takeOver(heir: Rule, former: string): Promise<void> {
    for (const standing of await this.live.partsOf(subscriptionOwner(former))) this.inherit(heir, standing);
  }

  private inherit(heir: Rule, standing: PartSources): void {
    const { group, subscription: former = '', facts } = standing.part;
    const lineages = facts.map(lineageOfFact);
    const hasAll = lineages.every((lineage) => this.planning.hasOwn(heir.subscription, group ?? '', lineage));
    for (const { fact, seq, version } of heir.retract ? standing.facts : [])
      this.planning.lookAgain(heir, matchedFact(fact, seq, version, true));
    if (!hasAll) return this.withdrawUnmatched(heir, standing);
    this.planning.withdraw(former, `EventSubscription/${heir.subscription} took over from it`, lineages);
  }

  /**
   * When a switch could not be recorded, or its record cannot be read, facts are decided a second time at its revision. A run
   * that is over is not made again: nobody would say again that it has ended.
   */
  private async notPlanned(rule: Rule, matches: readonly Match[]): Promise<Match[]> {
    if (rule.batch) {
      const ids = matches.map(({ matched }) => matched.fact.id);
      const planned = await this.live.plannedSeqs(rule.subscription, rule.revision, ids);
      return matches.filter(({ matched }) => !planned.has(matched.fact.seq));
    }
    const runs = matches.map(({ matched }) => orderOf(rule, matched).runId);
    const known = await this.live.knownRuns(runs);
    return matches.filter((_, at) => !known.has(runs[at]!) && !this.planning.isFinished(runs[at]!));
  }

  /** A part whose facts the rule no longer matches. An expired fact does not end its part, so time is left out. */
  private withdrawUnmatched(rule: Rule, { part, facts }: PartSources): void {
    const context = { current: true, nowMs: 0 };
    const reason = `no longer matches EventSubscription/${rule.subscription} at revision ${rule.revision}`;
    const unmatched = facts.filter(({ fact }) => !decideMatch(rule, fact, context).matched);
    const lineages = part.facts.map(lineageOfFact);
    if (part.group !== rule.group) return this.planning.withdraw(rule.subscription, reason, lineages);
    const isOver = facts.length > 0 && unmatched.length === facts.length;
    const ending = isOver
      ? lineages
      : unmatched.map(({ fact, seq, version }) => lineageOfFact(matchedFact(fact, seq, version).fact));
    for (const lineage of new Set(ending)) this.planning.leave(rule, lineage, reason);
  }
}
