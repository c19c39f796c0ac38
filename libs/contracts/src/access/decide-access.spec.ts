import { ACCESS_RULES, accessRuleOf } from './access-rules.js';
import { accessRefusal } from './decide-access.js';
import type { Principal } from './principal.js';

const VIEWER: Principal = { subject: 'token:t', name: 'vera', role: 'viewer' };
const OF_SHOP: Principal = { ...VIEWER, role: 'author', scope: { orgs: [], projects: ['shop'] } };

function refusal(caller: Principal, method: string, path: string, params = {}): string | undefined {
  return accessRefusal(caller, { method, path, params });
}

describe('access', () => {
  it('a route without a line is refused to everybody', () => {
    expect(refusal({ ...VIEWER, role: 'admin' }, 'GET', '/v1/forgotten')).toContain('no rule');
    expect(refusal({ ...VIEWER, role: 'admin' }, 'GET', '')).toContain('no rule');
  });

  it('a role may what those before it may', () => {
    expect(refusal(VIEWER, 'HEAD', '/v1/status')).toBeUndefined();
    expect(refusal(VIEWER, 'POST', '/v1/apply')).toBe('this needs the role author, and vera has viewer');
    expect(refusal({ ...VIEWER, role: 'admin' }, 'POST', '/v1/apply')).toBeUndefined();
  });

  it('a caller with a scope comes in below its projects only, and is told so', () => {
    const below = '/v1/orgs/{org}/projects/{project}/backends';
    expect(refusal(OF_SHOP, 'GET', '/v1/backends')).toContain('/v1/orgs/{org}/projects/{project}/');
    expect(refusal(OF_SHOP, 'GET', below, { org: 'acme', project: 'shop' })).toBeUndefined();
    expect(refusal(OF_SHOP, 'GET', below, { org: 'acme', project: 'other' })).toContain('do not reach');
    expect(refusal(OF_SHOP, 'GET', '/v1/orgs/{org}', { org: 'shop' })).toContain('do not reach');
    expect(refusal(OF_SHOP, 'GET', '/v1/whoami')).toBeUndefined();
  });

  it('a service account emits to its groups and does nothing else', () => {
    const account: Principal = { ...VIEWER, emits: ['a'] };
    const emit = ['POST', '/v1/groups/{group}/events'] as const;
    expect(refusal(account, ...emit, { group: 'a' })).toBeUndefined();
    expect(refusal(account, ...emit, { group: 'b' })).toContain('emit facts to a');
    expect(refusal(account, 'GET', '/v1/status')).toContain('emit facts to a');
  });

  it('only routes of a project stand below it', () => {
    for (const [name, { scope }] of Object.entries(ACCESS_RULES)) {
      const [method = '', path = ''] = name.split(' ');
      const below = accessRuleOf(method, `/v1/orgs/{org}/projects/{project}${path.slice('/v1'.length)}`);
      expect([name, below?.scope]).toEqual([name, scope === 'project' ? 'place' : undefined]);
    }
  });
});
