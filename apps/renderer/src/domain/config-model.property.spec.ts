import { describe, expect, it } from '@jest/globals';
import { canonicalJson, keyOf, refKey } from '@signalbox/contracts';
import fc from 'fast-check';
import { configDigest, resourceDigest } from './config-digest.js';
import { livePartsOf, type Logged, replayed, snapshotOf, startupOf } from './history.fixture.js';
import { ConfigModel } from './config-model.js';
import { mergeFromScratch } from './merge-from-scratch.js';
import { claim, domain, identity, RULES } from './resources.fixture.js';
import {
  changed,
  declared,
  imposed,
  type Happening,
  proposed,
  restarted,
  Scenario,
  timePassed,
  withdrawn,
} from './scenario.fixture.js';

const DOMAINS = ['d1', 'd2'] as const;
const CLAIMS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'] as const;

/** Few identities and addresses, so that conflicts, shadowing, dangling references and circles are common. */
const prefixes = fc.constantFrom('10.', '10.', '10.', '11.');
const domains = fc.tuple(fc.constantFrom(...DOMAINS), prefixes).map((args) => domain(...args));
const claims = fc
  .record({
    name: fc.constantFrom(...CLAIMS),
    address: prefixes.map((prefix) => `${prefix}0.0.1/32`),
    domain: fc.option(fc.constantFrom(...DOMAINS), { nil: undefined }),
    refs: fc.option(fc.uniqueArray(fc.constantFrom(...CLAIMS), { maxLength: 2 }), {
      nil: undefined,
      freq: 2,
    }),
  })
  .map(({ name, ...spec }) => claim(name, spec));
const produced = fc.oneof({ weight: 1, arbitrary: domains }, { weight: 5, arbitrary: claims });
const operated = fc.oneof({ weight: 6, arbitrary: domains }, { weight: 1, arbitrary: claims });

const subscriptions = fc.constantFrom('s1', 's2');
const lineages = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 });
const byIdentity = { selector: keyOf };

const proposals = fc.record({
  by: subscriptions,
  about: lineages,
  resources: fc.uniqueArray(produced, { ...byIdentity, minLength: 1, maxLength: 3 }),
  ttlMs: fc.integer({ min: 10, max: 150 }),
});

interface Step {
  readonly name: string;
  readonly happening: Happening;
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: proposals.map((proposal) => ({ name: 'proposed', happening: proposed(proposal) })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(proposals, fc.constantFrom('x', 'y'))
      .map(([proposal, own]) => ({ name: 'imposed', happening: imposed({ ...proposal, about: [own] }) })),
  },
  { weight: 3, arbitrary: fc.constant({ name: 'renewed', happening: renewedOldest }) },
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(fc.record({ put: fc.boolean(), resource: operated }), {
        selector: ({ resource }) => keyOf(resource),
        minLength: 1,
        maxLength: 3,
      })
      .map((changes) => ({
        name: 'changed',
        happening: changed(
          changes.map(({ put, resource }) =>
            put ? { op: 'put', resource } : { op: 'delete', ref: identity(resource) },
          ),
        ),
      })),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 30 }).map((ms) => ({ name: 'passed', happening: timePassed(ms) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(subscriptions, fc.option(lineages, { nil: undefined }))
      .map((args) => ({ name: 'withdrawn', happening: withdrawn(...args) })),
  },
  { weight: 1, arbitrary: fc.constant({ name: 'restarted', happening: restarted() }) },
);

/** The oldest live part is proposed again as it is: a renewal that changes annotations and times only. */
function renewedOldest(site: Scenario): ReturnType<Happening> {
  const oldest = livePartsOf(site.log)[0]?.part;
  if (oldest === undefined) return [];
  return proposed({
    by: oldest.subscription,
    about: oldest.facts.map(({ factKey }) => factKey),
    resources: oldest.resources,
  })(site);
}

const start: Step = { name: 'declared', happening: declared(domain('d1'), domain('d2')) };
const histories = fc.array(steps, { maxLength: 40, size: 'max' }).map((rest) => [start, ...rest]);

function ran(history: readonly Step[]): Scenario {
  const site = new Scenario();
  for (const { happening } of history) site.when(happening);
  return site;
}

function expectSameAsFromScratch(model: ConfigModel, log: readonly Logged[], nowMs: number): void {
  const merged = mergeFromScratch(startupOf(log), livePartsOf(log), nowMs, RULES);
  expect(canonicalJson(model.render())).toBe(canonicalJson(merged.resources));
  expect(model.digest()).toBe(merged.digest);
  expect(canonicalJson(model.quarantinedParts())).toBe(canonicalJson(merged.quarantined));
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

  it('is the same when it is replayed from the changesets and records alone', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const site = ran(history);
        const copy = replayed(site.log);
        expect(copy.render()).toEqual(site.model.render());
        expect(copy.digest()).toBe(site.model.digest());
        expect(copy.generation()).toBe(site.model.generation());
        expect(copy.activeParts()).toEqual(site.model.activeParts());
        expect(copy.nextExpiryMs()).toBe(site.model.nextExpiryMs());
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
