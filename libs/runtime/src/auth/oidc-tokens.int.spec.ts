import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { createLog } from '../log.js';
import { AUDIENCE, OidcIssuer } from './oidc-issuer.fixture.js';
import type { OidcSettings } from './oidc-settings.js';
import { OidcTokens } from './oidc-tokens.js';

const NOW_S = Math.floor(Date.now() / 1000);

function settingsOf(issuer: OidcIssuer, more: Partial<OidcSettings> = {}): OidcSettings {
  return {
    ...{ issuer: issuer.url, audience: AUDIENCE, roleClaim: 'signalbox_role' },
    roles: { viewer: 'viewer', operator: 'operator', author: 'author', admin: 'admin' },
    ...more,
  };
}

/** A token of these parts, whoever signed it. */
function madeUp(header: object, payload: object, signature = ''): string {
  const text = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${text(header)}.${text(payload)}.${signature}`;
}

describe('tokens of an OpenID Connect issuer', () => {
  let issuer: OidcIssuer;
  let tokens: OidcTokens;

  beforeEach(async () => {
    issuer = await OidcIssuer.start();
    await issuer.addKey('k1');
    tokens = new OidcTokens(settingsOf(issuer), createLog('silent'), { keysMs: 600_000, cooldownMs: 0 });
  });
  afterEach(() => issuer.away());

  it('say who calls, with what role, and until when', async () => {
    const exp = NOW_S + 300;
    expect(await tokens.find(await issuer.token('k1', { exp }))).toEqual({
      ...{ subject: `oidc:${issuer.url}#u1`, name: 'ann', role: 'operator', expiresAtMs: exp * 1000 },
    });
    expect(issuer.asked).toBe(1);
    await tokens.find(await issuer.token('k1'));
    expect(issuer.asked).toBe(1);
  });

  it.each([
    ['of another issuer', { iss: 'http://127.0.0.1:1' }],
    ['for another audience', { aud: 'others' }],
    ['that has expired', { exp: NOW_S - 60 }],
    ['that is not valid yet', { nbf: NOW_S + 120 }],
    ['without a role', { signalbox_role: '' }],
    ['with a role that means nothing here', { signalbox_role: 'root' }],
    ['with a role that is a name of every object', { signalbox_role: 'constructor' }],
    ['of nobody', { sub: '' }],
  ])('%s are not valid', async (_what, claims) => {
    expect(await tokens.find(await issuer.token('k1', claims))).toBeUndefined();
  });

  it('are taken within the leeway of clocks', async () => {
    expect(await tokens.find(await issuer.token('k1', { exp: NOW_S - 5 }))).toBeDefined();
  });

  it('are not valid unsigned, nor signed by what everybody knows', async () => {
    const payload = { iss: issuer.url, aud: AUDIENCE, sub: 'u1', signalbox_role: 'admin', exp: NOW_S + 300 };
    expect(await tokens.find(madeUp({ alg: 'none' }, payload))).toBeUndefined();
    expect(await tokens.find(madeUp({ alg: 'none', kid: 'k1' }, payload))).toBeUndefined();
    const unsigned = madeUp({ alg: 'HS256', kid: 'k1' }, payload).slice(0, -1);
    const forged = `${unsigned}.${createHmac('sha256', 'public').update(unsigned).digest('base64url')}`;
    expect(await tokens.find(forged)).toBeUndefined();
  });

  it('are not valid when anything of them was changed', async () => {
    const token = await issuer.token('k1', { signalbox_role: 'viewer' });
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const changed = Buffer.from(JSON.stringify({ ...claims, signalbox_role: 'admin' })).toString('base64url');
    expect(await tokens.find(`${header}.${changed}.${signature}`)).toBeUndefined();
    expect(await tokens.find(`${header}.${payload}.`)).toBeUndefined();
    expect(await tokens.find('a.b.c')).toBeUndefined();
    expect(await tokens.find(`${header}.${'a'.repeat(20_000)}.${signature}`)).toBeUndefined();
  });

  it('of a new key are taken, and those of a key that is gone are not', async () => {
    const old = await issuer.token('k1');
    expect(await tokens.find(old)).toBeDefined();
    await issuer.addKey('k2');
    expect(await tokens.find(await issuer.token('k2'))).toBeDefined();
    issuer.removeKey('k1');
    const reading = new OidcTokens(settingsOf(issuer), createLog('silent'), { keysMs: -1, cooldownMs: 0 });
    await reading.find(await issuer.token('k2'));
    expect(await reading.find(old)).toBeUndefined();
  });

  it('of a key that nobody has are asked for no more often than may be', async () => {
    const patient = new OidcTokens(settingsOf(issuer), createLog('silent'), {
      ...{ keysMs: 600_000, cooldownMs: 600_000 },
    });
    expect(await patient.find(await issuer.token('k1'))).toBeDefined();
    const { asked } = issuer;
    await issuer.addKey('unknown');
    const strange = await issuer.token('unknown');
    for (let nr = 0; nr < 20; nr += 1) expect(await patient.find(strange)).toBeUndefined();
    expect(issuer.asked).toBe(asked);
  });

  it('go on while the issuer is away, by the keys that are known', async () => {
    const reading = new OidcTokens(settingsOf(issuer), createLog('silent'), { keysMs: -1, cooldownMs: 0 });
    const token = await issuer.token('k1');
    expect(await reading.find(token)).toBeDefined();
    await issuer.away();
    for (let nr = 0; nr < 3; nr += 1) expect(await reading.find(token)).toBeDefined();
    await issuer.back();
  });

  it('cannot be judged while the issuer is away and its keys are not known, and can when it is back', async () => {
    const token = await issuer.token('k1');
    await issuer.away();
    await expect(tokens.find(token)).rejects.toMatchObject({ code: 'not-ready' });
    await issuer.back();
    expect(await until('the issuer to be asked again', () => tokens.find(token))).toBeDefined();
  });

  it('are not taken from an issuer whose document names another one', async () => {
    issuer.otherName = 'https://others.example';
    await expect(tokens.find(await issuer.token('k1'))).rejects.toMatchObject({ code: 'not-ready' });
  });

  it('say which projects and orgs their caller has', async () => {
    const scoped = new OidcTokens(settingsOf(issuer, { projectsClaim: 'projects' }), createLog('silent'));
    const scopeOf = async (projects: unknown) =>
      (await scoped.find(await issuer.token('k1', { projects })))?.scope;
    expect(await scopeOf(['lab', 'org:acme'])).toEqual({ orgs: ['acme'], projects: ['lab'] });
    expect(await scopeOf(undefined)).toEqual({ orgs: [], projects: [] });
    expect(await scopeOf(['*'])).toBeUndefined();
  });

  it('may be signed by an RSA key', async () => {
    await issuer.addKey('rsa', 'RS256');
    expect(await tokens.find(await issuer.token('rsa', {}, 'RS256'))).toMatchObject({ role: 'operator' });
  });
});
