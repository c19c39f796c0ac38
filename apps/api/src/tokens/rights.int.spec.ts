import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessRefusal, accessRuleOf, type Principal, ROLES, type Role } from '@signalbox/contracts';
import { ApiSite } from '../testing/api-site.fixture.js';
import type { SiteContext } from '../start/context-file.js';
import type { NewTokenDto } from './tokens.dto.js';

/** What stands in the path of every request; nothing of these names is there. */
const PARAMS: Readonly<Record<string, string>> = { org: 'acme', project: 'shop' };

describe('rights', () => {
  let site: ApiSite;
  let routes: [method: string, path: string][];

  beforeAll(async () => {
    site = await ApiSite.create();
    await site.boot();
    const file = join(site.config.stateDir, 'context.json');
    site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
    const { body } = await site.call<{ paths: Record<string, object> }>('/docs-json');
    routes = Object.entries(body.paths).flatMap(([path, item]) =>
      ['get', 'put', 'post', 'delete', 'patch']
        .filter((method) => method in item)
        .map((method): [string, string] => [method.toUpperCase(), path]),
    );
  }, 300_000);

  afterAll(() => site.destroy());

  async function made(rights: object): Promise<NewTokenDto> {
    const answer = await post('/v1/tokens', { name: 'test', ...rights });
    expect(answer.status).toBe(201);
    return answer.body as unknown as NewTokenDto;
  }

  function post(path: string, body: object = {}): ReturnType<ApiSite['call']> {
    const headers = { 'content-type': 'application/json' };
    return site.call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Whether the guard lets a caller in: what comes after it refuses a query that no route knows. */
  async function verdict(method: string, path: string, token?: string): Promise<string> {
    const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => PARAMS[name] ?? 'x');
    const response = await fetch(new URL(`${filled}?nobodyKnows=this`, site.services.url), {
      method,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
    const isRefusal = response.status === 401 || response.status === 403;
    const { code } = isRefusal ? ((await response.json()) as { code: string }) : { code: 'in' };
    await response.body?.cancel().catch(() => undefined);
    return code;
  }

  it('has a line for every route', () => {
    expect(routes.length).toBeGreaterThan(100);
    expect(routes.filter(([method, path]) => accessRuleOf(method, path) === undefined)).toEqual([]);
  });

  it('lets nobody in without a token, but where anyone may', async () => {
    for (const [method, path] of routes) {
      const expected = accessRuleOf(method, path)?.role === 'anyone' ? 'in' : 'unauthorized';
      expect([method, path, await verdict(method, path)]).toEqual([method, path, expected]);
    }
  });

  const callers: [string, { role: Role; projects?: string[]; orgs?: string[]; emits?: string[] }][] = [
    ...ROLES.map((role): [string, { role: Role }] => [role, { role }]),
    ['an author of the project', { role: 'author', projects: ['shop'] }],
    ['an author of its org', { role: 'author', orgs: ['acme'] }],
    ['an author of another project', { role: 'author', projects: ['other'], orgs: ['other'] }],
    ['a service account of another group', { role: 'viewer', emits: ['cloudedge'] }],
    ['a service account of the group', { role: 'viewer', emits: ['x'] }],
  ];

  it.each(callers)(
    'lets %s in exactly where the table says',
    async (_name, rights) => {
      const { token, id } = await made(rights);
      const { role, emits, ...scope } = rights;
      const caller: Principal = {
        ...{ subject: `token:${id}`, name: 'test', role },
        ...(Object.keys(scope).length > 0 && { scope: { orgs: [], projects: [], ...scope } }),
        ...(emits && { emits }),
      };
      const tried = routes.map(async ([method, path]) => {
        const given = Object.entries({ group: 'x', ...PARAMS }).filter(([name]) =>
          path.includes(`{${name}}`),
        );
        const asked = { method, path, params: Object.fromEntries(given) };
        const expected = accessRefusal(caller, asked) === undefined ? 'in' : 'forbidden';
        return { method, path, expected, found: await verdict(method, path, token) };
      });
      const wrong = (await Promise.all(tried)).filter(({ expected, found }) => expected !== found);
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  it('end with the token: revoked, replaced and expired ones are refused', async () => {
    const first = await made({ role: 'viewer' });
    expect(await verdict('GET', '/v1/status', first.token)).toBe('in');
    const rotated = (await post(`/v1/tokens/${first.id}/rotate`)).body as unknown as NewTokenDto;
    expect(await verdict('GET', '/v1/status', first.token)).toBe('unauthorized');
    expect(await verdict('GET', '/v1/status', rotated.token)).toBe('in');
    expect((await site.call(`/v1/tokens/${rotated.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await verdict('GET', '/v1/status', rotated.token)).toBe('unauthorized');
  });

  it('of what was made are listed, never with the token or its hash', async () => {
    const { token, ...shown } = await made({ role: 'operator', projects: ['shop'] });
    const { body } = await site.call<{ items: object[] }>('/v1/tokens');
    expect(body.items).toContainEqual(shown);
    expect(JSON.stringify(body)).not.toContain(token);
    expect(JSON.stringify(body)).not.toContain('hash');
  });

  it.each([
    [{ role: 'root' }, '/role'],
    [{ expiresAt: '2001-01-01T00:00:00Z' }, '/expiresAt'],
    [{ role: 'admin', projects: ['shop'] }, '/role'],
    [{ emits: [] }, '/emits'],
  ])('that make no sense are refused: %j', async (rights, pointer) => {
    const answer = await post('/v1/tokens', { name: 'test', ...rights });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });
});
