import { describe, expect, it } from '@jest/globals';
import { claim, claimSchema, domain } from './resources.fixture.js';
import { declared, deleted, given, proposed, sourceOf } from './scenario.fixture.js';

const EDGE = domain('edge');
const IN_A_DOMAIN = claimSchema({ required: ['domainRef'] });
const ANY = claimSchema({});

describe('D10 the schema of a kind', () => {
  it('decides whether the same part is taken', () => {
    const proposal = { by: 'claims', resources: [claim('a')] };

    const strict = given(declared(IN_A_DOMAIN));
    expect(strict.when(proposed(proposal))).toMatchObject([
      {
        type: 'rejected',
        error: {
          code: 'part-invalid',
          message: 'RemoteAddressClaim/a: /spec/domainRef is required (ResourceSchema/claims)',
          errors: [{ pointer: '/resources/0/spec/domainRef' }],
        },
      },
    ]);
    expect(given(declared(ANY)).when(proposed(proposal))).toMatchObject([{ type: 'accepted' }, {}]);
  });

  it('that changes holds back the parts that break it, alone, and gives them back', () => {
    const site = given(
      declared(EDGE, ANY),
      proposed({ by: 'claims', about: ['a'], resources: [claim('a')] }),
      proposed({ by: 'claims', about: ['b'], resources: [claim('b', { domain: 'edge' })] }),
    );
    const held = { source: sourceOf({ by: 'claims', about: ['a'] }) };

    expect(site.when(declared(IN_A_DOMAIN))).toMatchObject([
      { type: 'quarantined', ...held, reason: expect.stringContaining('domainRef is required') },
      { removed: [{ name: 'a' }] },
    ]);
    expect(site.when(declared(ANY))).toMatchObject([{ type: 'restored', ...held }, {}]);
    site.when(declared(IN_A_DOMAIN));
    expect(site.when(deleted(IN_A_DOMAIN))).toMatchObject([{ type: 'restored', ...held }, {}]);
  });
});
