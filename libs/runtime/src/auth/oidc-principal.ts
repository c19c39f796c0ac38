import { type AccessScope, type Principal, type Role, ROLES } from '@signalbox/contracts';
import type { OidcSettings } from './oidc-settings.js';

/** Most characters of a subject, as ChangeOrigin has it, and of a name. */
const LENGTHS = { subject: 400, name: 200 } as const;

/** The claims of a JWT whose signature, issuer, audience and times were checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** The caller that claims make; undefined when they give no role, or name nobody. */
export function principalOfClaims(claims: Claims, settings: OidcSettings): Principal | undefined {
  const { sub, exp } = claims;
  const role = roleOf(valuesOf(claims, settings.roleClaim), settings);
  if (typeof sub !== 'string' || sub === '' || sub.length > LENGTHS.subject || role === undefined)
    return undefined;
  const name = [claims['preferred_username'], claims['email'], sub].find(
    (text): text is string => typeof text === 'string' && text !== '',
  )!;
  const scope =
    settings.projectsClaim === undefined ? undefined : scopeOf(valuesOf(claims, settings.projectsClaim));
  return {
    subject: `oidc:${settings.issuer}#${sub}`,
    name: name.slice(0, LENGTHS.name).replace(/[\0\p{Cs}]/gu, '\ufffd'),
    role,
    ...(scope && { scope }),
    ...(typeof exp === 'number' && { expiresAtMs: exp * 1000 }),
  };
}

/** The highest of those that the values give. */
function roleOf(values: readonly string[], { roles }: OidcSettings): Role | undefined {
  const given = values.flatMap((value) => (Object.hasOwn(roles, value) ? [roles[value]] : []));
  return ROLES.findLast((role) => given.includes(role));
}

/** Undefined: all of the site. A claim that is not there gives nothing. */
function scopeOf(values: readonly string[]): AccessScope | undefined {
  if (values.includes('*')) return undefined;
  const orgs = values.filter((value) => value.startsWith('org:')).map((value) => value.slice(4));
  return { orgs, projects: values.filter((value) => !value.startsWith('org:')) };
}

/** A claim may be one text or a list of them. */
function valuesOf(claims: Claims, name: string): string[] {
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return (Array.isArray(claim) ? claim : [claim]).filter((one): one is string => typeof one === 'string');
}
