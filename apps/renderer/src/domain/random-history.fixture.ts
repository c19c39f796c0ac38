import { isPartOfRun, keyOf, type Resource, type ResourceChange } from '@signalbox/contracts';
import fc from 'fast-check';
import { livePartsOf } from './history.fixture.js';
import {
  claim,
  claimSchema,
  domain,
  identity,
  mask,
  plugin,
  policy,
  subscription,
  subscriptionTo,
} from './resources.fixture.js';
import {
  changed,
  declared,
  type Happening,
  imposed,
  proposed,
  restarted,
  Scenario,
  sourceOf,
  timePassed,
  withdrawn,
} from './scenario.fixture.js';

const DOMAINS = ['d1', 'd2'] as const;
const CLAIMS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'] as const;

/** Few identities and addresses, so that conflicts, shadowing, dangling references and circles are common. */
const prefixes = fc.constantFrom('10.', '10.', '10.', '11.');
const sites = fc.constantFrom(undefined, undefined, 'd1', 'elsewhere');
const domains = fc.tuple(fc.constantFrom(...DOMAINS), prefixes, sites).map((args) => domain(...args));
const claims = fc
  .record({
    name: fc.constantFrom(...CLAIMS),
    address: prefixes.map((prefix) => `${prefix}0.0.1/32`),
    domain: fc.option(fc.constantFrom(...DOMAINS), { nil: undefined }),
    refs: fc.option(fc.uniqueArray(fc.constantFrom(...CLAIMS), { maxLength: 2 }), {
      nil: undefined,
      freq: 2,
    }),
    seat: fc.constantFrom(undefined, undefined, 'window', 'aisle'),
    wish: fc.constantFrom(undefined, undefined, undefined, 'd1', 'elsewhere'),
  })
  .map(({ name, ...spec }) => claim(name, spec));
const produced = fc.oneof({ weight: 1, arbitrary: domains }, { weight: 5, arbitrary: claims });
const all = [...DOMAINS.map((name) => domain(name)), ...CLAIMS.map((name) => claim(name))];
const maskable = fc.constantFrom(...all);
const policies = fc
  .tuple(
    fc.constantFrom('p1', 'p2'),
    fc.uniqueArray(
      fc.constantFrom(
        'EventSubscription/s1',
        'EventSubscription/s2',
        sourceOf({ by: 's1', about: ['a'] }),
        sourceOf({ by: 's2', about: ['x'] }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    fc.oneof(fc.constant(all), fc.uniqueArray(maskable, { selector: keyOf, minLength: 1, maxLength: 6 })),
  )
  .map((args): Resource => policy(...args));
const grants = fc.record(
  {
    kinds: fc.constantFrom(
      ['RemoteAddressClaim'],
      ['RemoteAddressClaim', 'AddressMobilityDomain'],
      ['RemoteAddressClaim', 'AddressMobilityDomain'],
    ),
    namePrefix: fc.constantFrom('c', 'c1', 'd'),
    addressCIDRs: fc.constantFrom(['10.0.0.0/8'], ['10.0.0.0/7']),
  },
  { requiredKeys: ['kinds'] },
);
const schemas = fc
  .constantFrom({}, {}, { required: ['domainRef'] }, { properties: { address: { const: '10.0.0.1/32' } } })
  .map(claimSchema);
const plugins = fc
  .option(fc.uniqueArray(grants, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 })
  .map((given) => plugin('planner', given));
/** Owners that come, go and take over from each other. */
const owners = fc.constantFrom(
  subscription('s1'),
  subscription('s2'),
  subscription('s1', 's2'),
  subscription('s2', 's1'),
);
const operated = fc.oneof(
  { weight: 1, arbitrary: owners },
  { weight: 6, arbitrary: domains },
  { weight: 3, arbitrary: claims },
  { weight: 4, arbitrary: policies },
  { weight: 2, arbitrary: plugins },
  { weight: 2, arbitrary: schemas },
);
const masks = fc.uniqueArray(
  fc.tuple(maskable, fc.constantFrom(undefined, 'repair', 'test')).map((args) => mask(...args)),
  { selector: ({ target }) => `${target.kind}/${target.name}`, maxLength: 2 },
);

const subscriptions = fc.constantFrom('s1', 's2');
const lineages = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 });
const byIdentity = { selector: keyOf };

const proposals = fc.record({
  by: subscriptions,
  about: lineages,
  resources: fc.uniqueArray(produced, { ...byIdentity, maxLength: 3 }),
  directives: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: masks }),
  ttlMs: fc.integer({ min: 10, max: 150 }),
});

/** A few changes of operator resources, of those that `resources` gives. */
function changesOf(resources: fc.Arbitrary<Resource>): fc.Arbitrary<ResourceChange[]> {
  const change = fc.record({ put: fc.boolean(), resource: resources });
  return fc
    .uniqueArray(change, { selector: ({ resource }) => keyOf(resource), minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.map(({ put, resource }): ResourceChange =>
        put ? { op: 'put', resource } : { op: 'delete', ref: identity(resource) },
      ),
    );
}

/** The subscriptions whose parts a history has, in the group of their facts or in another one. */
const declaredSubscriptions = fc
  .tuple(subscriptions, fc.constantFrom('default', 'default', 'other'))
  .map((args) => subscriptionTo(...args));

/** Lets every subscription mask everything, so that masks that were denied come into force. */
const allowAll = policy('p1', ['EventSubscription/s1', 'EventSubscription/s2'], all);

/** A few changes of operator resources of any kind, also of what stands for parts. */
export const operatorChanges: fc.Arbitrary<ResourceChange[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: changesOf(
      fc.oneof({ weight: 3, arbitrary: operated }, { weight: 1, arbitrary: declaredSubscriptions }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<ResourceChange[]>([{ op: 'put', resource: allowAll }]) },
);

/** One step of a history; the name is what a counterexample shows. */
export interface Step {
  readonly name: string;
  readonly happening: Happening;
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: proposals.map((proposal) => ({ name: 'proposed', happening: proposed(proposal) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        by: subscriptions,
        about: lineages,
        directives: masks,
        ttlMs: fc.integer({ min: 10, max: 150 }),
      })
      .map((masking) => ({ name: 'masked', happening: proposed({ ...masking, resources: [] }) })),
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
    arbitrary: changesOf(operated).map((changes) => ({ name: 'changed', happening: changed(changes) })),
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
  if (!oldest || !isPartOfRun(oldest)) return [];
  return proposed({
    by: oldest.subscription,
    about: oldest.facts.map(({ factKey }) => factKey),
    resources: oldest.resources,
    directives: oldest.directives,
  })(site);
}

const start: Step = {
  name: 'declared',
  happening: declared(domain('d1'), domain('d2'), policy('p1', ['EventSubscription/s1'], all)),
};
/** Any history of proposals with masks, renewals, operator changes, of policies too, ends, withdrawals and restarts. */
export const histories = historiesOf({ maxLength: 40 });

/** Histories with so many steps behind the first one. */
export function historiesOf(lengths: { minLength?: number; maxLength: number }): fc.Arbitrary<Step[]> {
  return fc.array(steps, { ...lengths, size: 'max' }).map((rest) => [start, ...rest]);
}

/** A long one. */
export const longHistories = fc
  .array(steps, { minLength: 1000, maxLength: 1000 })
  .map((rest) => [start, ...rest]);

/** The site after a history. */
export function ran(history: readonly Step[]): Scenario {
  const site = new Scenario();
  for (const { happening } of history) site.when(happening);
  return site;
}
