import { describe, expect, it } from '@jest/globals';
import { BALANCE_API, CodedError, type ConfigPlan, type Resource } from '@signalbox/contracts';
import { Effects } from './effects.js';

const backend: Resource = { apiVersion: BALANCE_API, kind: 'Backend', metadata: { name: 'b' }, spec: {} };
const ref = { apiVersion: BALANCE_API, kind: 'Backend', project: 'default', name: 'b' };
const NOTHING: ConfigPlan = {
  ...{ generation: 3, revision: 5, versions: [], quarantined: [], restored: [] },
  ...{ masked: [], shown: [], withdrawn: [], undecided: [] },
};
const DECIDED = {
  changes: [{ op: 'put' as const, resource: backend }],
  ...{ plan: [], revision: 5, appended: false },
};

/** What each service answers to `plan`; undefined: nobody does. A CodedError is its refusal. */
function given(answers: Readonly<Record<string, unknown>>, maxBytes = 100_000) {
  const asked: { subject: string; body: unknown }[] = [];
  const ask = (subject: string, body: unknown): Promise<unknown> => {
    asked.push({ subject, body });
    const answer = answers[subject];
    return answer instanceof CodedError ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { asked, effects: new Effects({ ask, maxBytes } as never) };
}

const touched = { ...NOTHING, versions: [{ ...ref, after: backend }] };
const WEIGHTS = { frontends: [], vips: [], warnings: [] };

describe('the effect of a change', () => {
  it('is what renderer says of the changes, and health and balancer of what becomes of the config', async () => {
    const states = [{ backend: 'b', state: 'unknown' }];
    const { asked, effects } = given({
      'ask.renderer.plan': touched,
      'ask.health.plan': { states },
      'ask.balancer.plan': WEIGHTS,
    });
    expect(await effects.of(DECIDED)).toMatchObject({
      effective: { generation: 3, changes: [{ action: 'added', name: 'b' }] },
      weights: WEIGHTS,
      unanswered: [],
    });
    expect(asked).toEqual([
      { subject: 'ask.renderer.plan', body: { revision: 5, changes: DECIDED.changes } },
      { subject: 'ask.health.plan', body: { changes: DECIDED.changes } },
      { subject: 'ask.balancer.plan', body: { changes: DECIDED.changes, states } },
    ]);
  });

  it('asks health only about backends, and does without it', async () => {
    const pool = { ...backend, kind: 'Pool' };
    const ofPool = { ...NOTHING, versions: [{ ...ref, kind: 'Pool', after: pool }] };
    const other = given({ 'ask.renderer.plan': ofPool, 'ask.balancer.plan': WEIGHTS });
    expect(await other.effects.of(DECIDED)).toMatchObject({ weights: WEIGHTS, unanswered: [] });
    expect(other.asked.map(({ subject }) => subject)).toEqual(['ask.renderer.plan', 'ask.balancer.plan']);
    const { asked, effects } = given({ 'ask.renderer.plan': touched, 'ask.balancer.plan': WEIGHTS });
    expect(await effects.of(DECIDED)).toMatchObject({
      weights: WEIGHTS,
      unanswered: [{ service: 'health', code: 'not-ready' }],
    });
    expect(asked.at(-1)?.body).toMatchObject({ states: [] });
  });

  it('needs no balancer where nothing that balances traffic changes', async () => {
    const { asked, effects } = given({ 'ask.renderer.plan': NOTHING });
    expect(await effects.of(DECIDED)).toMatchObject({ weights: WEIGHTS, unanswered: [] });
    expect(asked).toHaveLength(1);
  });

  it('names who is away: without renderer, balancer is not asked', async () => {
    const { asked, effects } = given({});
    expect(await effects.of(DECIDED)).toEqual({
      unanswered: [
        {
          service: 'renderer',
          code: 'not-ready',
          message: 'renderer does not answer: see whether it runs and is ready',
        },
        {
          service: 'balancer',
          code: 'not-ready',
          message: 'was not asked: it decides by what renderer did not tell',
        },
      ],
    });
    expect(asked).toHaveLength(1);
    const one = await given({ 'ask.renderer.plan': touched }).effects.of(DECIDED);
    expect(one).toMatchObject({
      effective: { generation: 3 },
      unanswered: [{ service: 'health' }, { service: 'balancer' }],
    });
    expect(one).not.toHaveProperty('weights');
  });

  it('tells a refusal with its code, and asks nothing that no message can carry', async () => {
    const refusal = new CodedError('result-too-large', 'the answer has 9 bytes');
    const refused = await given({
      'ask.renderer.plan': touched,
      'ask.health.plan': { states: [] },
      'ask.balancer.plan': refusal,
    }).effects.of(DECIDED);
    expect(refused.unanswered).toEqual([
      { service: 'balancer', code: 'result-too-large', message: 'the answer has 9 bytes' },
    ]);
    const { asked, effects } = given({}, 10);
    expect((await effects.of(DECIDED)).unanswered[0]).toMatchObject({ code: 'changeset-too-large' });
    expect(asked).toEqual([]);
  });
});
