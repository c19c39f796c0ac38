import { describe, expect, it } from '@jest/globals';
import type { Part, Resource } from '@signalbox/contracts';
import { configDigest } from './config-digest.js';
import { ConfigModel } from './config-model.js';
import { EMPTY_SNAPSHOT } from './model-snapshot.js';
import type { MergeRules } from './part-content.js';
import { claim, domain, identity, RULES } from './resources.fixture.js';
import { given, proposed } from './scenario.fixture.js';

const CAUSE = { stream: 'JOURNAL', seq: 1 };

describe('cost', () => {
  const PARTS = 10_000;

  /** A model with that many parts of one owner, and how often it asked the rules. */
  function large(extra: readonly Resource[]): { model: ConfigModel; asked: () => number; parts: Part[] } {
    let asked = 0;
    const rules: MergeRules = {
      validate: (input) => RULES.validate(input),
      checkReferences: (...args) => {
        asked += 1;
        return RULES.checkReferences(...args);
      },
      setRules: RULES.setRules,
    };
    const template = proposed({ by: 'a', resources: [claim('c')] })(given())[0];
    if (template?.type !== 'accepted') throw new Error('the template was not accepted');
    const { part } = template;
    const parts = Array.from({ length: PARTS }, (_, index) => ({
      ...part,
      source: `EventSubscription/a/${index}`,
      facts: [{ seq: index, id: `${index}`, origin: 'o', factKey: `${index}`, subject: '' }],
      resources: [claim(`c${index}`, { domain: 'edge' }), ...extra],
    }));
    const startup = [{ resource: domain('attic'), revision: 1 }];
    if (extra.length === 0) startup.push({ resource: domain('edge'), revision: 1 });
    const model = new ConfigModel(
      {
        ...EMPTY_SNAPSHOT,
        startup,
        revision: 1,
        parts: parts.map((one) => ({ part: one, state: 'active' })),
      },
      rules,
    );
    for (const record of model.decideEffective(CAUSE, 0)) model.applyEffective(record);
    asked = 0;
    return { model, parts, asked: () => asked };
  }

  it.each([
    { title: 'that each stand alone', extra: [] },
    { title: 'that all bring the same resource', extra: [domain('edge')] },
  ])('of one changed part among 10,000 $title is that part', ({ extra }) => {
    const { model, asked, parts } = large(extra);
    const changedClaim = claim('c5000', { domain: 'edge', address: '10.9.9.9/32' });
    const part = { ...parts[5000]!, generation: 2, resources: [changedClaim, ...extra] };

    model.applyPart({ type: 'accepted', at: '', cause: CAUSE, part, supersedes: [] });
    expect(model.decideQuarantine(CAUSE, 0)).toEqual([]);
    const records = model.decideEffective(CAUSE, 0);

    expect(records).toMatchObject([{ added: [], changed: [{ resource: changedClaim }], removed: [] }]);
    // once for what each resource refers to itself, once for whether that is there
    expect(asked()).toBe(2 * (1 + extra.length));
    expect(records[0]?.digest).toBe(configDigest(model.render().map(({ resource }) => resource)));
  });

  it('of a plan beside 10,000 parts is what the change reaches', () => {
    const { model, asked } = large([]);
    const cellar = domain('cellar');
    const { versions } = model.plan([
      { op: 'put', resource: cellar },
      { op: 'delete', ref: { ...identity(domain('attic')) } },
    ]);
    expect(versions).toMatchObject([{ name: 'attic' }, { name: 'cellar', after: cellar }]);
    // what the new one refers to itself
    expect(asked()).toBe(1);
    // each part refers to the edge: all of them, once, and what the edge refers to itself
    expect(model.plan([{ op: 'put', resource: domain('edge', '10.0.0.') }]).versions).toHaveLength(1);
    expect(asked()).toBe(1 + 1 + PARTS);
  });
});
