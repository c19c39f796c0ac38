import { describe, expect, it } from '@jest/globals';
import { BALANCE_API, type ConfigPlan, type Resource, type WeightPlan } from '@signalbox/contracts';
import { effectiveEffect, inProject, trafficChanges, weightEffect } from './effect.js';

function resource(kind: string, name: string, spec: Record<string, unknown>, project = 'default'): Resource {
  const apiVersion = kind === 'Note' ? 'example.net/v1' : BALANCE_API;
  return { apiVersion, kind, metadata: { name, ...(project !== 'default' && { project }) }, spec };
}

const ref = ({ apiVersion, kind, metadata }: Resource) => ({
  ...{ apiVersion, kind },
  ...{ project: metadata.project ?? 'default', name: metadata.name },
});

const note = resource('Note', 'n', { text: 'a' });
const backend = resource('Backend', 'b', { address: '10.0.0.1' }, 'shop');
const pool = resource('Pool', 'p', {});
const part = { source: 'EventSubscription/s/1', generation: 2 };

const PLAN: ConfigPlan = {
  generation: 7,
  revision: 9,
  versions: [
    { ...ref(note), before: note, after: resource('Note', 'n', { text: 'b' }) },
    { ...ref(pool), before: pool },
    { ...ref(backend), after: backend, part },
  ],
  quarantined: [{ ...part, reason: 'dangling' }],
  restored: [],
  masked: [{ target: ref(note), maskedBy: [part.source] }],
  shown: [ref(pool), ref(backend)],
  withdrawn: [{ ...part, reason: 'deleted' }],
  undecided: [],
};

describe('the effect on the effective config', () => {
  it('is told field by field, with the source of what parts bring', () => {
    expect(effectiveEffect(PLAN)).toEqual({
      ...{ generation: 7, revision: 9 },
      changes: [
        { action: 'changed', ...ref(note), fields: [{ path: '/spec/text', from: 'a', to: 'b' }] },
        { action: 'removed', ...ref(pool) },
        { action: 'added', ...ref(backend), source: part.source },
      ],
      masked: [{ ...ref(note), maskedBy: `DynamicConfigPart/${part.source}`, maskedUntil: null }],
      ...{ quarantined: PLAN.quarantined, restored: [], withdrawn: PLAN.withdrawn },
      ...{ shown: PLAN.shown, undecided: [] },
    });
  });

  it('is asked of the balancer where it is about traffic: what comes before what goes', () => {
    expect(trafficChanges(PLAN)).toEqual([
      { op: 'put', resource: backend },
      { op: 'delete', ref: ref(pool) },
    ]);
  });
});

const WEIGHTS: WeightPlan = {
  frontends: [
    {
      frontend: 'shop/web',
      targets: [{ pool: 'p', backend: 'shop/b', before: { effective: 1, share: 100 } }],
    },
    { frontend: 'web', targets: [] },
  ],
  vips: [{ action: 'released', holder: 'VipClaim/shop/v', address: '192.0.2.1' }],
  warnings: [{ reason: 'frontend-gone', frontend: 'shop/web', message: 'gone' }],
};

describe('the effect on weights', () => {
  it('has the names and projects that people use', () => {
    expect(weightEffect(WEIGHTS)).toEqual({
      frontends: [
        {
          ...{ project: 'shop', frontend: 'web' },
          targets: [{ pool: 'p', backend: 'b', before: { effective: 1, share: 100 } }],
        },
        { project: 'default', frontend: 'web', targets: [] },
      ],
      vips: [{ action: 'released', kind: 'VipClaim', project: 'shop', name: 'v', address: '192.0.2.1' }],
      warnings: [{ reason: 'frontend-gone', project: 'shop', frontend: 'web', message: 'gone' }],
    });
  });
});

describe('the effect on one project', () => {
  it('has nothing of others, and no parts', () => {
    const whole = { effective: effectiveEffect(PLAN), weights: weightEffect(WEIGHTS), unanswered: [] };
    const { effective, weights } = inProject(whole, 'shop');
    expect(effective).toEqual({
      ...{ generation: 7, revision: 9 },
      changes: [{ action: 'added', ...ref(backend) }],
      ...{ quarantined: [], restored: [], masked: [], withdrawn: [], undecided: [] },
      shown: [ref(backend)],
    });
    expect(weights).toEqual({ ...whole.weights, frontends: whole.weights.frontends.slice(0, 1) });
    expect(inProject({ unanswered: [] }, 'shop')).toEqual({ unanswered: [] });
  });
});
