import { describe, expect, it } from '@jest/globals';
import {
  canonicalJson,
  DeclaredSuccession,
  EVENT_SUBSCRIPTION,
  keyOf,
  refKey,
  refOf,
  type Resource,
  type ResourceChange,
  subscriptionOwner,
  withoutProvenance,
} from '@signalbox/contracts';
import fc from 'fast-check';
import type { ConfigModel } from './config-model.js';
import { startupOf } from './history.fixture.js';
import { historiesOf, operatorChanges } from './random-history.fixture.js';
import { plugin, subscriptionTo } from './resources.fixture.js';
import { changed, declared, Scenario, withdrawn } from './scenario.fixture.js';

const SUBSCRIPTIONS = ['s1', 's2'];

/** Everything that people see of a model, by identity. */
interface Seen {
  readonly resources: ReadonlyMap<string, Resource>;
  readonly held: ReadonlyMap<string, string>;
  readonly active: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
}

function seen(model: ConfigModel): Seen {
  const partKey = ({ source, generation }: { source: string; generation: number }): string =>
    `${source} ${generation}`;
  return {
    resources: new Map(model.render().map(({ resource }) => [keyOf(resource), withoutProvenance(resource)])),
    held: new Map(model.quarantinedParts().map((part) => [partKey(part), part.reason])),
    active: new Set(model.activeParts().map(partKey)),
    hidden: new Set(model.suppressedResources().map(({ target }) => refKey(target))),
  };
}

const missingFrom =
  (others: { has(key: string): boolean }) =>
  (key: string): boolean =>
    !others.has(key);

/** What is not the same, in the words of a plan. */
function differences(before: Seen, after: Seen, gone: (key: string) => boolean): object {
  const keys = [...new Set([...before.resources.keys(), ...after.resources.keys()])].sort();
  return {
    versions: keys
      .map((key) => [key, before.resources.get(key), after.resources.get(key)])
      .filter(([, was, is]) => canonicalJson(was ?? null) !== canonicalJson(is ?? null)),
    quarantined: [...after.held].filter(([part]) => !before.held.has(part)),
    restored: [...before.held].filter(([part]) => after.active.has(part)),
    masked: [...after.hidden].filter(missingFrom(before.hidden)),
    shown: [...before.hidden].filter(missingFrom(after.hidden)).filter((key) => !gone(key)),
    withdrawn: [...before.held.keys(), ...before.active]
      .filter((part) => !after.held.has(part) && !after.active.has(part))
      .sort(),
  };
}

function planned(model: ConfigModel, changes: readonly ResourceChange[]): object {
  const plan = model.plan(changes);
  return {
    versions: plan.versions.map(({ before, after, ...ref }) => [refKey(ref), before, after]),
    quarantined: plan.quarantined.map(({ source, generation, reason }) => [
      `${source} ${generation}`,
      reason,
    ]),
    restored: plan.restored.map(({ source, generation, reason }) => [`${source} ${generation}`, reason]),
    masked: plan.masked.map(({ target }) => refKey(target)),
    shown: plan.shown.map(refKey),
    withdrawn: plan.withdrawn.map(({ source, generation }) => `${source} ${generation}`).sort(),
  };
}

/** Who took over from whom. */
function successionOf(site: Scenario): DeclaredSuccession {
  return new DeclaredSuccession(startupOf(site.log).map(({ resource }) => resource));
}

/** What `matcher` has withdrawn when the changes are in force. `before`: who took over from whom until then. */
function followUp(site: Scenario, changes: readonly ResourceChange[], before: DeclaredSuccession): void {
  const after = successionOf(site);
  const standing = new Map(startupOf(site.log).map(({ resource }) => [keyOf(resource), resource]));
  const hasPlugin = standing.has(keyOf(plugin('planner')));
  const touched = new Set(
    changes.map((change) => refKey(change.op === 'put' ? refOf(change.resource) : change.ref)),
  );
  for (const name of SUBSCRIPTIONS) {
    const { apiVersion, kind } = EVENT_SUBSCRIPTION;
    const key = refKey({ apiVersion, kind, project: 'default', name });
    const isTouched = touched.has(key) || touched.has(keyOf(plugin('planner')));
    const rule = standing.get(key);
    const owner = subscriptionOwner(name);
    // what stands of a name that was handed over goes with who took over
    if (after.heirOf(owner) !== owner) continue;
    const isAbandoned = rule === undefined && before.heirOf(owner) !== owner;
    if (isAbandoned) site.when(withdrawn(name));
    else if (isTouched && (rule === undefined || !hasPlugin || rule.spec['groupRef'] !== 'default'))
      site.when(withdrawn(name));
  }
}

describe('the plan of changes', () => {
  it('is what they then make of the config, after any history, and changes nothing itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(historiesOf({ maxLength: 15 }), operatorChanges), { minLength: 1 }),
        (acts) => {
          const site = new Scenario();
          for (const [history, changes] of acts) {
            for (const { happening } of history) site.when(happening);
            site.when(
              declared(plugin('planner'), ...SUBSCRIPTIONS.map((name) => subscriptionTo(name, 'default'))),
            );
            const before = seen(site.model);
            const digest = site.model.digest();
            const plan = planned(site.model, changes);
            expect(site.model.digest()).toBe(digest);
            expect(seen(site.model)).toEqual(before);
            expect(site.model.decideEffective(site.cause(), site.nowMs)).toEqual([]);
            expect(site.model.decideQuarantine(site.cause(), site.nowMs)).toEqual([]);

            const succession = successionOf(site);
            site.when(changed(changes));
            followUp(site, changes, succession);
            const standing = new Set(startupOf(site.log).map(({ resource }) => keyOf(resource)));
            expect(plan).toEqual(differences(before, seen(site.model), missingFrom(standing)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
