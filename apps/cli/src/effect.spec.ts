import { describe, expect, it } from '@jest/globals';
import type { Effect, EffectiveChange } from './rest/answers.js';
import { APPLIED } from './testing/sample-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const ref = (kind: string, name: string) => ({ apiVersion: 'a', kind, project: 'default', name });
const part = { source: 'EventSubscription/s/1', generation: 3 };

const NOTHING: NonNullable<Effect['effective']> = {
  ...{ generation: 3, changes: [], quarantined: [], restored: [], masked: [] },
  ...{ shown: [], withdrawn: [], undecided: [] },
};

const EFFECT: Effect = {
  effective: {
    ...NOTHING,
    changes: [
      // the plan says the first three
      { action: 'added', ...ref('EventGroup', 'cloudedge') },
      {
        action: 'changed',
        ...ref('EventPeer', 'edge'),
        fields: [{ path: '/spec/endpoint', from: 1, to: 2 }],
      },
      { action: 'removed', ...ref('Plugin', 'old'), project: 'lab' },
      { action: 'removed', ...ref('Route', 'hidden') },
      { action: 'added', ...ref('Route', 'back') },
      { action: 'removed', ...ref('Claim', 'c'), source: part.source },
      {
        action: 'changed',
        ...ref('Claim', 'd'),
        source: part.source,
        fields: [{ path: '/spec/address', from: '10.0.0.1', to: '10.0.0.2' }],
      },
    ],
    masked: [
      { ...ref('Route', 'hidden'), maskedBy: 'DynamicConfigPart/x', maskedUntil: null, reason: 'repair' },
    ],
    shown: [ref('Route', 'back')],
    withdrawn: [{ ...part, reason: 'EventSubscription/s was deleted' }],
    quarantined: [{ source: 'Plugin/p', generation: 1, reason: 'part-invalid: edge is not there' }],
    restored: [{ source: 'Plugin/q', generation: 2, reason: 'mask-denied: no policy' }],
    undecided: [ref('EventSubscription', 'new')],
  },
  weights: {
    frontends: [
      {
        ...{ project: 'default', frontend: 'web' },
        before: { state: 'up', activePool: 'main' },
        after: { state: 'up', activePool: 'spare' },
        targets: [
          { pool: 'main', backend: 'nginx1', before: { effective: 100, share: 66.7 } },
          {
            pool: 'spare',
            backend: 'nginx2',
            before: { effective: 50, share: 33.3 },
            after: { effective: 50, share: 100, why: { rule: 'active', text: 'it is up' } },
          },
          {
            pool: 'spare',
            backend: 'nginx3',
            after: { effective: 0, share: 0, why: { rule: 'unknown', text: 'not known' } },
          },
        ],
      },
      {
        ...{ project: 'shop', frontend: 'old' },
        before: { state: 'up', activePool: 'main' },
        targets: [],
      },
    ],
    vips: [
      { action: 'released', kind: 'VipClaim', project: 'shop', name: 'v', address: '192.0.2.1' },
      { action: 'claimed', kind: 'VipClaim', project: 'default', name: 'w', pool: 'edge' },
    ],
    warnings: [
      { reason: 'pool-switch', project: 'default', frontend: 'web', message: 'traffic of web would go' },
    ],
  },
  unanswered: [],
};

function given(effect: Effect): void {
  cli.site.on('POST /v1/apply', { body: { ...APPLIED, dryRun: true, effect } });
}

describe('the effect of a dry run', () => {
  it('stands under the plan: the config beside the plan, weights, then warnings', async () => {
    given(EFFECT);
    const { out } = await signalbox('apply -f - --dry-run');
    expect(out.slice(out.indexOf('dry run'))).toMatchInlineSnapshot(`
     "dry run at revision 7, nothing was written: 1 added, 1 changed, 1 removed, 1 unchanged
     effective config after generation 3: beside the plan 1 changed, 1 removed, 1 masked, 1 no longer masked, 1 part withdrawn, 1 part quarantined, 1 part restored
     - Claim/c source=EventSubscription/s/1
     ~ Claim/d source=EventSubscription/s/1
         /spec/address: "10.0.0.1" → "10.0.0.2"
     - Route/hidden maskedBy=DynamicConfigPart/x reason=repair
     + Route/back no longer masked
     - source=EventSubscription/s/1 generation=3 withdrawn: EventSubscription/s was deleted
     ! source=Plugin/p generation=1 quarantined: part-invalid: edge is not there
     + source=Plugin/q generation=2 restored, no longer: mask-denied: no policy
     ? EventSubscription/new: what parts it brings is known when it has run
     ~ frontend web: pool main → spare
     - frontend shop/old: up
     - VipClaim/shop/v gives back 192.0.2.1
     + VipClaim/w asks for an address of VipPool/edge
     FRONTEND  BACKEND  BEFORE       AFTER
     web       nginx1   100 (66.7%)  -
     web       nginx2   50 (33.3%)   50 (100%)
     web       nginx3   -            0 unknown
     ! traffic of web would go
     "
    `);
  });

  it('has the pools and the why where it is wide', async () => {
    given({ weights: EFFECT.weights!, unanswered: [] });
    const { out } = await signalbox('apply -f - --dry-run -o wide');
    expect(out.slice(out.indexOf('FRONTEND'))).toMatchInlineSnapshot(`
     "FRONTEND  BACKEND  BEFORE       AFTER      POOL   WHY
     web       nginx1   100 (66.7%)  -          main   -
     web       nginx2   50 (33.3%)   50 (100%)  spare  it is up
     web       nginx3   -            0 unknown  spare  not known
     ! traffic of web would go
     "
    `);
  });

  it('is whole for programs', async () => {
    given(EFFECT);
    expect(JSON.parse((await signalbox('diff -f - -o json')).out)).toMatchObject({ effect: EFFECT });
    cli.site.on('POST /v1/rollback', { body: { ...APPLIED, dryRun: true, effect: EFFECT } });
    expect((await signalbox('rollback 3 --dry-run')).out).toContain('! traffic of web would go\n');
  });

  it('says so when nothing follows beside the plan', async () => {
    given({ effective: NOTHING, weights: { frontends: [], vips: [], warnings: [] }, unanswered: [] });
    const { out } = await signalbox('apply -f - --dry-run');
    expect(out).toMatch(/1 unchanged\neffective config after generation 3: nothing beside the plan\n$/);
  });

  it('names who did not tell what follows', async () => {
    given({ unanswered: [{ service: 'renderer', code: 'not-ready', message: 'renderer does not answer' }] });
    const { code, out } = await signalbox('apply -f - --dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(
      /1 unchanged\n! renderer did not tell what would follow: not-ready: renderer does not answer\n$/,
    );
  });

  it('is cut after 50 lines of each kind unless all is asked for', async () => {
    const changes = Array.from({ length: 120 }, (_, at): EffectiveChange => {
      return { action: 'added', ...ref('Claim', `c${at}`), source: part.source };
    });
    given({ effective: { ...NOTHING, changes }, unanswered: [] });
    const { out } = await signalbox('apply -f - --dry-run');
    expect(out.match(/^\+ Claim/gm)).toHaveLength(50);
    expect(out).toContain('… and 70 more lines: --full\n');
    expect((await signalbox('apply -f - --dry-run --full')).out.match(/^\+ Claim/gm)).toHaveLength(120);
    expect((await signalbox('diff -f - --full')).out.match(/^\+ Claim/gm)).toHaveLength(120);
  });
});
