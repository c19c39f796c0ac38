import { describe, expect, it } from '@jest/globals';
import { canonicalJson, keyOf, lookupIn, refKey } from '@signalbox/contracts';
import fc from 'fast-check';
import { configDigest, resourceDigest } from './config-digest.js';
import { livePartsOf, type Logged, replayed, snapshotOf, startupOf } from './history.fixture.js';
import { ConfigModel } from './config-model.js';
import { mergeFromScratch } from './merge-from-scratch.js';
import { histories, historiesOf, ran } from './random-history.fixture.js';
import { ONE_SEAT, RULES } from './resources.fixture.js';
import { Scenario } from './scenario.fixture.js';

function expectSameAsFromScratch(model: ConfigModel, log: readonly Logged[], nowMs: number): void {
  const merged = mergeFromScratch(startupOf(log), livePartsOf(log), nowMs, RULES);
  expect(canonicalJson(model.render())).toBe(canonicalJson(merged.resources));
  expect(model.digest()).toBe(merged.digest);
  expect(canonicalJson(model.quarantinedParts())).toBe(canonicalJson(merged.quarantined));
  expect(canonicalJson(model.suppressedResources())).toBe(canonicalJson(merged.suppressed));
}

describe('the incremental model', () => {
  it('equals the merge from scratch at every prefix of any history', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const site = new Scenario();
        for (const { happening } of history) {
          site.when(happening);
          expectSameAsFromScratch(site.model, site.log, site.nowMs);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('equals it at every prefix of a history of 1,000 steps', () => {
    fc.assert(
      fc.property(historiesOf({ minLength: 1000, maxLength: 1000 }), (history) => {
        const site = new Scenario();
        for (const { happening } of history) {
          site.when(happening);
          expectSameAsFromScratch(site.model, site.log, site.nowMs);
        }
        expect(site.log.some((entry) => 'effective' in entry && entry.effective.suppressed)).toBe(true);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  it('owes nothing after its records were applied, and its generations add up to the config', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const site = new Scenario();
        for (const { happening } of history) {
          site.when(happening);
          expect(site.model.decideQuarantine(site.cause(), site.nowMs)).toEqual([]);
          expect(site.model.decideEffective(site.cause(), site.nowMs)).toEqual([]);
        }
        const recorded = snapshotOf(site.log).effective.entries;
        const rendered = site.model
          .render()
          .map(({ resource }) => [keyOf(resource), resourceDigest(resource)]);
        expect(new Map(recorded.map((entry) => [refKey(entry.ref), entry.contentDigest]))).toEqual(
          new Map(rendered as [string, string][]),
        );
      }),
    );
  });

  it('never holds a reference that does not resolve', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { model } = ran(history);
        const byKey = new Map(model.render().map((entry) => [keyOf(entry.resource), entry]));
        for (const { resource, part } of byKey.values()) {
          if (part === undefined) continue;
          const errors = RULES.checkReferences(
            resource,
            (apiVersion, kind, name) =>
              byKey.get(refKey({ apiVersion, kind, project: 'default', name }))?.resource,
          );
          expect(errors).toEqual([]);
        }
      }),
    );
  });

  it('never holds what must not be beside each other', () => {
    let quarantined = 0;
    fc.assert(
      fc.property(histories, (history) => {
        const { model } = ran(history);
        const set = new Map(model.render().map(({ resource }) => [keyOf(resource), resource]));
        const check = ONE_SEAT.over(set.values(), lookupIn(set));
        const byParts = model.render().filter(({ part }) => part !== undefined);
        expect(byParts.flatMap(({ resource }) => check(resource))).toEqual([]);
        quarantined += model.quarantinedParts().filter(({ reason }) => reason.includes('/spec/seat')).length;
      }),
      { numRuns: 300 },
    );
    expect(quarantined).toBeGreaterThan(0);
  });

  it('is the same when it is replayed from the changesets and records alone', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const site = ran(history);
        const copy = replayed(site.log);
        expect(copy.render()).toEqual(site.model.render());
        expect(copy.digest()).toBe(site.model.digest());
        expect(copy.generation()).toBe(site.model.generation());
        expect(copy.activeParts()).toEqual(site.model.activeParts());
        expect(copy.nextDueMs()).toBe(site.model.nextDueMs());
      }),
    );
  });

  it('catches up after a crash behind any record', () => {
    fc.assert(
      fc.property(histories, fc.nat(), (history, at) => {
        const { log, nowMs } = ran(history);
        const kept = log.slice(0, log.length === 0 ? 0 : at % (log.length + 1));
        for (const model of [replayed(kept), new ConfigModel(snapshotOf(kept), RULES)]) {
          const more: Logged[] = [...kept];
          const cause = { stream: 'ACTIVITY', seq: 1 };
          for (const part of [...model.decideExpiries(nowMs)]) {
            model.applyPart(part);
            more.push({ part });
          }
          for (const part of model.decideQuarantine(cause, nowMs)) {
            model.applyPart(part);
            more.push({ part });
          }
          for (const effective of model.decideEffective(cause, nowMs, 600)) {
            model.applyEffective(effective);
            more.push({ effective });
          }
          expectSameAsFromScratch(model, more, nowMs);
          expect(configDigest(model.render().map(({ resource }) => resource))).toBe(model.digest());
          expect(model.decideEffective(cause, nowMs)).toEqual([]);
        }
      }),
    );
  });

  it('gives the last generation again when that was lost', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { log, model, nowMs } = ran(history);
        const last = log.findLastIndex((entry) => 'effective' in entry);
        const kept = log.filter((_entry, index) => index !== last);
        for (const again of [replayed(kept), new ConfigModel(snapshotOf(kept), RULES)]) {
          const owed = again.decideEffective({ stream: 'ACTIVITY', seq: 1 }, nowMs);
          for (const record of owed) again.applyEffective(record);
          expect(owed.at(-1)?.digest ?? again.digest()).toBe(model.digest());
          expect(again.render()).toEqual(model.render());
          expect(again.generation()).toBe(model.generation());
        }
      }),
    );
  });
});

describe('mergeFromScratch', () => {
  const inputs = histories.map((history) => {
    const { log, nowMs } = ran(history);
    return { startup: startupOf(log), parts: livePartsOf(log), nowMs };
  });
  const shuffled = inputs.chain((input) =>
    fc.record({
      input: fc.constant(input),
      startup: fc.shuffledSubarray(input.startup, { minLength: input.startup.length }),
      parts: fc.shuffledSubarray(input.parts, { minLength: input.parts.length }),
    }),
  );

  it('D18 gives the same bytes whatever the order of its inputs', () => {
    fc.assert(
      fc.property(shuffled, ({ input, startup, parts }) => {
        const one = mergeFromScratch(input.startup, input.parts, input.nowMs, RULES);
        const other = mergeFromScratch(startup, parts, input.nowMs, RULES);
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
      }),
    );
  });

  it('merges twice as once', () => {
    fc.assert(
      fc.property(inputs, ({ startup, parts, nowMs }) => {
        const once = mergeFromScratch(startup, parts, nowMs, RULES);
        const twice = mergeFromScratch([...startup, ...startup], [...parts, ...parts], nowMs, RULES);
        expect(twice).toEqual(once);
      }),
    );
  });
});
