import { describe, expect, it } from '@jest/globals';
import { checkConfig } from '../config-check.js';
import { thresholdsOf } from './federation-slo.js';
import { sample, wrongFields } from './sample-resources.fixture.js';

const delivery = (values: object): Record<string, unknown> => ({ spec: { delivery: values } });

describe('FederationSLO', () => {
  it.each([
    [{ lagWarnSeconds: 30, lagFailSeconds: 30 }],
    [{ lagWarnSeconds: 31, lagFailSeconds: 30 }],
    // against the defaults 60 and 180
    [{ lagWarnSeconds: 180, lagFailSeconds: 0 }],
    [{ lagWarnSeconds: 0, lagFailSeconds: 60 }],
  ])('O5 %j warns not before it fails: refused', (values) => {
    expect(wrongFields('FederationSLO', delivery(values))).toEqual(['/spec/delivery/lagWarnSeconds']);
  });

  it.each([
    [delivery({ lagWarnSeconds: -1 }), '/spec/delivery/lagWarnSeconds'],
    [delivery({ lagFailSeconds: -1 }), '/spec/delivery/lagFailSeconds'],
    [delivery({ expiresSoonSeconds: -1 }), '/spec/delivery/expiresSoonSeconds'],
    [{ spec: { subscription: { maxPendingRuns: -1 } } }, '/spec/subscription/maxPendingRuns'],
    [{ spec: { subscription: { maxFailedRuns: -1 } } }, '/spec/subscription/maxFailedRuns'],
    [{ spec: { groupRef: undefined } }, '/spec/groupRef'],
  ])('O5 %j is refused at %s', (change, pointer) => {
    expect(wrongFields('FederationSLO', change)).toContain(pointer);
  });

  it('O5 zeros are accepted and stand for the defaults', () => {
    const zeros = {
      delivery: { lagWarnSeconds: 0, lagFailSeconds: 0, expiresSoonSeconds: 0 },
      subscription: { maxPendingRuns: 0, maxFailedRuns: 0 },
    };
    expect(wrongFields('FederationSLO', { spec: zeros })).toEqual([]);
    expect(thresholdsOf({ groupRef: 'a', ...zeros })).toEqual({
      delivery: { lagWarnSeconds: 60, lagFailSeconds: 180, expiresSoonSeconds: 120 },
      subscription: { maxPendingRuns: 0, maxFailedRuns: 0 },
    });
  });

  it('O5 of a group that is not there, and a second one of a group, are refused', () => {
    const check = (...resources: readonly object[]): unknown => {
      const verdict = checkConfig(resources.map((one) => JSON.stringify(one)).join('\n---\n'));
      return verdict.outcome === 'ok' ? [] : verdict.error.errors.map(({ message }) => message);
    };
    const [group, slo] = [sample('EventGroup'), sample('FederationSLO')];
    expect(check(group, slo)).toEqual([]);
    expect(check(slo)).toEqual([expect.stringContaining('EventGroup/sample does not exist')]);
    const second = { ...slo, metadata: { name: 'second' } };
    expect(check(group, slo, second)).toContainEqual(
      expect.stringContaining('a group has one FederationSLO'),
    );
  });
});
