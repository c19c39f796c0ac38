import { describe, expect, it } from '@jest/globals';
import { CodedError, refOf } from '@signalbox/contracts';
import { aBackend, aMember, aPool, standingOf } from '../testing/balance-resources.fixture.js';
import { checkPlan } from './check-plan.js';
import type { ChangesetPlan, Standing } from './plan-changeset.js';
import { planMembers, surveyMembers, type WantedMember } from './pool-members.js';

const POOL = aPool('web', { backends: { n1: {} } });
const BACKENDS = ['n1', 'n2', 'n3', 'n4'].map((name, at) => aBackend(name, `10.0.0.${at + 1}`));
const WORLD = standingOf(
  POOL,
  aPool('other'),
  ...BACKENDS,
  aMember('web', 'n2'),
  aMember('web', 'n3'),
  aMember('other', 'n2'),
);

function replaced(members: readonly unknown[], standing: Standing = WORLD): ChangesetPlan {
  const pool = refOf(POOL);
  const given = surveyMembers(pool, members);
  const plan = planMembers(standing, pool, given.documents);
  checkPlan(standing, plan, given);
  return plan;
}

function refusal(members: readonly unknown[], standing?: Standing): { code?: string; errors?: string[] } {
  try {
    replaced(members, standing);
    return {};
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { code: error.code, errors: error.errors.map(({ pointer, message }) => `${pointer} ${message}`) };
  }
}

const steps = ({ plan }: ChangesetPlan): string[] => plan.map(({ action, name }) => `${action} ${name}`);

describe('the members of a Pool', () => {
  it('are those that are given, and no others of it', () => {
    const plan = replaced([{ backendRef: 'n3', weight: 50 }, { backendRef: 'n4' }]);
    expect(steps(plan)).toEqual(['removed pool/web/n2', 'changed pool/web/n3', 'added pool/web/n4']);
    expect(plan.plan[1]?.fields).toEqual([{ path: '/spec/weight', to: 50 }]);
  });

  it('can be none, and the same again', () => {
    expect(steps(replaced([]))).toEqual(['removed pool/web/n2', 'removed pool/web/n3']);
    const same = replaced([{ backendRef: 'n2' }, { backendRef: 'n3' }]);
    expect([same.changes, steps(same)]).toEqual([[], ['unchanged pool/web/n2', 'unchanged pool/web/n3']]);
  });

  it('are refused with all that is wrong with them, each by its pointer', () => {
    expect(
      refusal([
        { backendRef: 'n2', weight: 101 },
        { backendRef: 'n2' },
        { backendRef: 'gone' },
        { weight: 5 },
        'n3',
        { backendRef: 'n3', name: 'x' },
        { backendRef: 'a b' },
        { backendRef: 'n2', weight: 7 },
        { backendRef: 'n1' },
      ]),
    ).toEqual({
      code: 'validation-failed',
      errors: [
        '/members/0/weight must be at most 100',
        '/members/3/backendRef is required',
        '/members/4 must be an object',
        expect.stringMatching(/^\/members\/5\/name .*does not know the field "name"/),
        '/members/7/backendRef is already member 1',
        expect.stringMatching(/^\/members\/6\/backendRef must be 1-253 printable characters/),
        expect.stringContaining(
          '/members/2/backendRef PoolMember/pool/web/gone: Backend/gone does not exist',
        ),
        expect.stringContaining('/members/8/backendRef PoolMember/pool/web/n1: already stands in Pool/web'),
      ],
    });
  });

  it('a thousand with three bad ones change nothing and are told three pointers', () => {
    const many = Array.from({ length: 1000 }, (_, at) => aBackend(`b${at}`, `10.1.${at >> 8}.${at & 255}`));
    const world = new Map([...WORLD, ...standingOf(...many)]);
    const members = many.map(({ metadata }): WantedMember => ({ backendRef: metadata.name, weight: 1 }));
    const mixed = members
      .with(7, { backendRef: 'b7', weight: -1 })
      .with(500, { backendRef: 'nowhere' })
      .with(999, { backendRef: 'b0' });
    const { code, errors } = refusal(mixed, world);
    expect(code).toBe('validation-failed');
    expect(errors?.map((error) => error.split(' ')[0])).toEqual([
      '/members/7/weight',
      '/members/999/backendRef',
      '/members/500/backendRef',
    ]);
    expect(replaced(members, world).changes).toHaveLength(1002);
  });
});
