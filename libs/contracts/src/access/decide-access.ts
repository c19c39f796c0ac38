import { accessRuleOf, EMIT_ROUTE, UNDER_PROJECT } from './access-rules.js';
import type { Principal } from './principal.js';
import { roleCovers } from './roles.js';

/** A request as far as rights go: the route that it met, and what stands in its path. */
export interface AskedRoute {
  readonly method: string;
  /** With `{name}` in place of what is given. */
  readonly path: string;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** Whether a route answers without a token. */
export function isForAnyone({ method, path }: AskedRoute): boolean {
  return accessRuleOf(method, path)?.role === 'anyone';
}

/** Why a caller may not call a route, for people; undefined: it may. Rules: `ACCESS_RULES`. */
export function accessRefusal(caller: Principal, asked: AskedRoute): string | undefined {
  const { method, path, params } = asked;
  const rule = accessRuleOf(method, path);
  if (rule === undefined) return `no rule lets anybody call ${method} ${path}`;
  if (rule.role === 'anyone') return undefined;
  if (caller.emits !== undefined) {
    if (rule.scope === 'self') return undefined;
    const isEmit = `${method} ${path}` === EMIT_ROUTE;
    if (isEmit && caller.emits.includes(params['group'] ?? '')) return undefined;
    return `${caller.name} may do nothing but emit facts to ${caller.emits.join(', ')}`;
  }
  if (!roleCovers(caller.role, rule.role))
    return `this needs the role ${rule.role}, and ${caller.name} has ${caller.role}`;
  return caller.scope === undefined || rule.scope === 'self' ? undefined : scopeRefusal(caller, asked);
}

function scopeRefusal({ scope, name }: Principal, { path, params }: AskedRoute): string | undefined {
  const { org, project } = params;
  if (!isPlace(path))
    return `${name} may see and change only projects of its own: use the routes below ${UNDER_PROJECT}/`;
  const hasOrg = org !== undefined && scope!.orgs.includes(org);
  const hasProject = project !== undefined && scope!.projects.includes(project);
  if (hasOrg || hasProject) return undefined;
  const what = project === undefined ? `org ${org}` : `project ${project} of org ${org}`;
  return `the rights of ${name} do not reach to ${what}`;
}

/** Whether the path says in which org it is; a query or a body never does. */
function isPlace(path: string): boolean {
  return path === '/v1/orgs/{org}' || path.startsWith('/v1/orgs/{org}/');
}
