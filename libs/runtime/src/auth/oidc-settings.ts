import { type Role, ROLES } from '@signalbox/contracts';

/** Whose JWTs are taken as tokens, and what their claims mean. */
export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer's keys are; absent: where its discovery document says. */
  readonly jwksUrl?: string;
  readonly roleClaim: string;
  /** Roles by value of that claim; a value that is not among them means nothing. */
  readonly roles: Readonly<Record<string, Role>>;
  /** Claim that lists projects, orgs as `org:<name>` and all of the site as `*`; absent: everybody has all of the site. */
  readonly projectsClaim?: string;
}

const OWN_NAMES: Readonly<Record<string, Role>> = Object.fromEntries(ROLES.map((role) => [role, role]));

/**
 * Reads `OIDC_ISSUER`, `OIDC_AUDIENCE`, `OIDC_JWKS_URL`, `OIDC_ROLE_CLAIM`, `OIDC_ROLES` (`value=role` with commas between) and
 * `OIDC_PROJECTS_CLAIM`. Undefined without `OIDC_ISSUER`. Every mistake names the variable.
 */
export function readOidcSettings(
  env: NodeJS.ProcessEnv,
  mistake: (text: string) => void,
): OidcSettings | undefined {
  const issuer = env['OIDC_ISSUER'];
  if (!issuer) return undefined;
  const audience = env['OIDC_AUDIENCE'] ?? '';
  const jwksUrl = env['OIDC_JWKS_URL'];
  const projectsClaim = env['OIDC_PROJECTS_CLAIM'];
  if (!isSafeUrl(issuer)) mistake(`OIDC_ISSUER must be an https:// URL (http:// of this host only)`);
  if (audience === '') mistake('OIDC_AUDIENCE must say for whom tokens of OIDC_ISSUER are made');
  if (jwksUrl && !isSafeUrl(jwksUrl))
    mistake(`OIDC_JWKS_URL must be an https:// URL (http:// of this host only)`);
  return {
    issuer,
    audience,
    ...(jwksUrl && { jwksUrl }),
    roleClaim: env['OIDC_ROLE_CLAIM'] || 'signalbox_role',
    roles: env['OIDC_ROLES'] ? rolesOf(env['OIDC_ROLES'], mistake) : OWN_NAMES,
    ...(projectsClaim && { projectsClaim }),
  };
}

/** Keys that come in clear over a network could be anybody's. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && LOCAL.includes(hostname));
}

const LOCAL = ['127.0.0.1', '[::1]', 'localhost'];

function rolesOf(text: string, mistake: (text: string) => void): Record<string, Role> {
  const roles: [string, Role][] = [];
  for (const pair of text.split(',')) {
    const at = pair.lastIndexOf('=');
    const role = ROLES.find((one) => one === pair.slice(at + 1).trim());
    if (at > 0 && role !== undefined) roles.push([pair.slice(0, at).trim(), role]);
    else mistake(`OIDC_ROLES must be value=role with commas between, role one of ${ROLES.join(', ')}`);
  }
  return Object.fromEntries(roles);
}
