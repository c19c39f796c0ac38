import { describe, expect, it } from '@jest/globals';
import { checkConfig } from '../../config-check.js';
import { refKey, type Resource } from '../../resource.js';
import { sample, samples, wrongFields } from '../sample-resources.fixture.js';
import { ownConditions } from '../registry.js';
import { checkSet } from '../../references.js';
import { keyOf, refOf } from '../../resource.js';
import { allowsMask, overridableKeys } from './dynamic-override-policy.js';

const TARGET = { apiVersion: 'hybrid.routerd.net/v1alpha1', kind: 'OverlayPeer', name: 'far' };
const KEY = refKey({ ...TARGET, project: 'default' });

function policy(source: string, targets: readonly object[] = [TARGET]): Resource {
  return sample('DynamicOverridePolicy', { spec: { allow: [{ source, operations: ['mask'], targets }] } });
}

describe('DynamicOverridePolicy', () => {
  it('allows an owner for all of its parts, or one source, and exactly the target', () => {
    const owner = 'EventSubscription/claims';
    const part = { owner, source: `${owner}/0123456789abcdef` };

    expect(allowsMask(policy(owner), part, KEY)).toBe(true);
    expect(allowsMask(policy(part.source), part, KEY)).toBe(true);
    expect(allowsMask(policy(`${owner}/fedcba9876543210`), part, KEY)).toBe(false);
    expect(allowsMask(policy('EventSubscription/claim'), part, KEY)).toBe(false);
    for (const other of [{ name: 'near' }, { kind: 'Backend' }, { project: 'lab' }])
      expect(allowsMask(policy(owner, [{ ...TARGET, ...other }]), part, KEY)).toBe(false);
  });

  it('names what it allows to be masked', () => {
    expect([...overridableKeys(policy('Plugin/p', [TARGET, { ...TARGET, project: 'lab' }]))]).toEqual([
      KEY,
      refKey({ ...TARGET, project: 'lab' }),
    ]);
    expect([...overridableKeys(sample('Plugin'))]).toEqual([]);
  });

  it('that an earlier version kept unread allows nothing', () => {
    const kept: Resource = { ...policy('Plugin/p'), spec: { allow: [{ source: 1 }] } };
    expect(allowsMask(kept, { owner: 'Plugin/p', source: 'Plugin/p' }, KEY)).toBe(false);
    expect([...overridableKeys({ ...kept, spec: {} })]).toEqual([]);
  });

  it.each([
    ['another operation', { operations: ['replace'] }, '/spec/allow/0/operations/0'],
    ['no operation', { operations: [] }, '/spec/allow/0/operations'],
    ['no target', { targets: [] }, '/spec/allow/0/targets'],
    ['half a target', { targets: [{ apiVersion: 'a.b/v1', name: 'x' }] }, '/spec/allow/0/targets/0/kind'],
    ['a wildcard', { targets: [{ ...TARGET, kind: '*' }] }, '/spec/allow/0/targets/0/kind'],
    ['no source', { source: ' ' }, '/spec/allow/0/source'],
  ])('refuses %s', (_what, change, pointer) => {
    const rule = { source: 'Plugin/p', operations: ['mask'], targets: [TARGET], ...change };
    expect(wrongFields('DynamicOverridePolicy', { spec: { allow: [rule] } })).toEqual([pointer]);
  });

  it('needs the owner that it names, and no target', () => {
    const errorsOf = (source: string): unknown => {
      const set = new Map([...samples(), policy(source)].map((one) => [keyOf(one), one]));
      return checkSet(set, [refOf(policy(source))]).flatMap(({ errors }) => errors);
    };
    expect(errorsOf('EventSubscription/sample/0123456789abcdef')).toEqual([]);
    expect(errorsOf('BackendSource/sample')).toEqual([]);
    expect(errorsOf('EventSubscription/absent')).toMatchObject([
      { pointer: '/spec/allow/0/source', missing: { kind: 'EventSubscription', name: 'absent' } },
    ]);
    expect(errorsOf('Plugin/absent')).toMatchObject([{ missing: { kind: 'Plugin' } }]);
  });

  it('says that a rule for what owns no parts allows nothing', () => {
    expect(ownConditions(policy('SAMRRSet/a'))).toMatchObject([{ pointer: '/spec/allow/0/source' }]);
    expect(ownConditions(policy('EventSubscription/sample'))).toEqual([]);
  });

  it('is checked with the rest of a configuration', () => {
    const text = JSON.stringify(policy('Plugin/absent'));
    expect(checkConfig(text)).toMatchObject({ outcome: 'semantic-error' });
  });
});
