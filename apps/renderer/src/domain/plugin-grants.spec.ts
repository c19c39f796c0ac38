import { describe, expect, it } from '@jest/globals';
import { claim, domain, mask, plugin, policy } from './resources.fixture.js';
import { declared, deleted, given, proposed, type Proposal, sourceOf } from './scenario.fixture.js';

const OWNER = 'EventSubscription/claims';
const BOTH: Proposal = { by: 'claims', resources: [claim('a1'), claim('b1', { address: '10.1.0.1/32' })] };

describe('P15 the grants of a plugin', () => {
  it('bound what its parts hold, with a pointer to what goes too far', () => {
    const site = given(declared(plugin('planner', [{ kinds: ['RemoteAddressClaim'], namePrefix: 'a' }])));

    expect(site.when(proposed(BOTH))).toMatchObject([
      {
        type: 'rejected',
        error: {
          code: 'grant-exceeded',
          message: 'Plugin/planner may not bring RemoteAddressClaim/b1: /metadata/name must begin with "a"',
          errors: [{ pointer: '/resources/1/metadata/name' }],
        },
      },
    ]);
    site.when(proposed({ ...BOTH, resources: [claim('a1')] }));
    expect(site.names()).toContain('RemoteAddressClaim/a1');
  });

  it('bound what they mask by its kind, beside the policy', () => {
    const edge = domain('edge');
    const granted = plugin('planner', [{ kinds: ['RemoteAddressClaim'] }]);
    const site = given(declared(edge, policy('p', [OWNER], [edge]), granted));
    expect(site.when(proposed({ by: 'claims', resources: [], directives: [mask(edge)] }))).toMatchObject([
      {
        type: 'rejected',
        error: { code: 'grant-exceeded', errors: [{ pointer: '/directives/0/target/kind' }] },
      },
    ]);
  });

  it('that shrink quarantine what is outside, and give it back when they grow or go', () => {
    const inside = plugin('planner', [{ kinds: ['RemoteAddressClaim'], addressCIDRs: ['10.1.0.0/16'] }]);
    const wider = plugin('planner', [{ kinds: ['RemoteAddressClaim'], addressCIDRs: ['10.0.0.0/8'] }]);
    const site = given(
      declared(wider),
      proposed({ ...BOTH, about: ['a'], resources: [claim('a1')] }),
      proposed({ ...BOTH, about: ['b'], resources: [claim('b1', { address: '10.1.0.1/32' })] }),
    );

    expect(site.when(declared(inside))).toMatchObject([
      {
        type: 'quarantined',
        source: sourceOf({ by: 'claims', about: ['a'] }),
        reason: expect.stringContaining('grant-exceeded: Plugin/planner may not bring RemoteAddressClaim/a1'),
      },
      { removed: [{ name: 'a1' }] },
    ]);
    expect(site.when(declared(wider))).toMatchObject([{ type: 'restored' }, { added: [{}] }]);
    site.when(declared(inside));
    expect(site.when(deleted(inside))).toMatchObject([{ type: 'restored' }, {}]);
  });

  it('of nothing bound nothing', () => {
    const site = given(declared(plugin('planner')), proposed(BOTH));
    expect(site.names()).toHaveLength(3);
  });
});
