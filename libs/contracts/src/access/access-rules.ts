import type { Role } from './roles.js';

/** What a caller has to be for a route, and where it reaches. */
export interface AccessRule {
  /** `anyone` needs no token. */
  readonly role: Role | 'anyone';
  /**
   * `site`: sees or changes more than one project, so callers with a scope are refused. `project`: stands once more below
   * {@link UNDER_PROJECT}, where callers whose scope has the project may come. `self`: tells of nothing but the caller and what is
   * the same for all. `place`: the org, and the project if there is one, in the path.
   */
  readonly scope: 'site' | 'project' | 'self' | 'place';
  /** What it lets do. */
  readonly words: string;
}

/** Where the routes of a project stand. */
export const UNDER_PROJECT = '/v1/orgs/{org}/projects/{project}';

/** The one route that callers who may only emit facts have, besides those of scope `self`. */
export const EMIT_ROUTE = 'POST /v1/groups/{group}/events';

/**
 * Who may call which route: `METHOD /path`. The guard of every service decides from it, and docs/reference/rights.md is made from it.
 * A route without a line is refused to everybody. ADR 0046.
 */
export const ACCESS_RULES: Readonly<Record<string, AccessRule>> = {
  'GET /livez': line('anyone', 'self', 'whether the process lives'),
  'GET /readyz': line('anyone', 'self', 'whether the process is ready'),
  'GET /metrics': line('anyone', 'self', 'metrics of the process'),
  'GET /v1/site': line('anyone', 'self', 'which site this is'),
  'GET /docs': line('viewer', 'self', 'the documentation of REST'),
  'GET /v1/whoami': line('viewer', 'self', 'who the caller is'),
  'POST /v1/stream-tickets': line('viewer', 'self', 'get a ticket, good for what its caller may read'),

  'GET /v1/alarms': line('viewer', 'project', 'read what is wrong now'),
  'GET /v1/backends': line('viewer', 'project', 'read backends'),
  'GET /v1/backends/{name}': line('viewer', 'project', 'read a backend'),
  'GET /v1/backends/{name}/transitions': line('viewer', 'project', 'read what a backend went through'),
  'GET /v1/backendsources': line('viewer', 'project', 'read sources of backends'),
  'GET /v1/backendsources/{name}': line('viewer', 'project', 'read a source of backends'),
  'GET /v1/dead-letters': line('viewer', 'site', 'read dead letters'),
  'GET /v1/dead-letters/{seq}': line('viewer', 'site', 'read a dead letter'),
  'GET /v1/deliveries': line('viewer', 'site', 'read deliveries to peers'),
  'GET /v1/doctor': line('viewer', 'site', 'read checks of the site'),
  'GET /v1/effective-config': line('viewer', 'site', 'read the effective config'),
  'GET /v1/effective-config/changes': line('viewer', 'site', 'read its changes'),
  'GET /v1/effective-config/diff': line('viewer', 'site', 'compare two of its generations'),
  'GET /v1/effective-config/generations': line('viewer', 'site', 'read its generations'),
  'GET /v1/effective-config/resources/{kind}/{name}': line('viewer', 'site', 'read a resource of it'),
  'GET /v1/effective-config/resources/{kind}/{name}/versions': line('viewer', 'site', 'read its versions'),
  'GET /v1/frontends': line('viewer', 'project', 'read frontends'),
  'GET /v1/frontends/{name}': line('viewer', 'project', 'read a frontend'),
  'GET /v1/groups/{group}/event': line('viewer', 'site', 'read a fact by its id'),
  'GET /v1/groups/{group}/event/explain': line('viewer', 'site', 'read what came of a fact'),
  'GET /v1/groups/{group}/events': line('viewer', 'site', 'read facts'),
  'GET /v1/groups/{group}/events/{id}': line('viewer', 'site', 'read a fact'),
  'GET /v1/groups/{group}/events/{id}/explain': line('viewer', 'site', 'read what came of a fact'),
  'GET /v1/healthchecks': line('viewer', 'project', 'read health checks'),
  'GET /v1/healthchecks/{name}': line('viewer', 'project', 'read a health check'),
  'GET /v1/listeners': line('viewer', 'project', 'read listeners'),
  'GET /v1/listeners/{name}': line('viewer', 'project', 'read a listener'),
  'GET /v1/listeners/{name}/stats': line('viewer', 'project', 'read counters of a listener'),
  'GET /v1/loadbalancers': line('viewer', 'project', 'read load balancers'),
  'GET /v1/loadbalancers/{name}': line('viewer', 'project', 'read a load balancer'),
  'GET /v1/loadbalancers/{name}/tree': line('viewer', 'project', 'read all that hangs on it'),
  'GET /v1/nodes': line('viewer', 'site', 'read nodes'),
  'GET /v1/nodes/{name}': line('viewer', 'site', 'read a node'),
  'GET /v1/nodes/{name}/vpp/info': line('viewer', 'site', 'read which VPP a node has'),
  'GET /v1/nodes/{name}/vpp/lb-counters': line('viewer', 'site', 'read counters of its VPP'),
  'GET /v1/nodes/{name}/vpp/lb-state': line('viewer', 'site', 'read the state of its VPP'),
  'GET /v1/operations/{id}': line('viewer', 'site', 'read how far a command is'),
  'GET /v1/orgs': line('viewer', 'site', 'read orgs'),
  'GET /v1/orgs/{org}': line('viewer', 'place', 'read an org'),
  'GET /v1/orgs/{org}/projects': line('viewer', 'place', 'read the projects of an org'),
  'GET /v1/orgs/{org}/projects/{project}': line('viewer', 'place', 'read a project of an org'),
  'GET /v1/parts': line('viewer', 'site', 'read parts'),
  'GET /v1/pools': line('viewer', 'project', 'read pools'),
  'GET /v1/pools/{name}': line('viewer', 'project', 'read a pool'),
  'GET /v1/projections': line('viewer', 'site', 'read how far projections are'),
  'GET /v1/projects': line('viewer', 'site', 'read projects'),
  'GET /v1/projects/{name}': line('viewer', 'site', 'read a project'),
  'GET /v1/quotas': line('viewer', 'project', 'read quotas'),
  'GET /v1/quotas/{name}': line('viewer', 'project', 'read a quota'),
  'GET /v1/resources': line('viewer', 'project', 'read resources'),
  'GET /v1/resources/{kind}/{name}': line('viewer', 'project', 'read a resource'),
  'GET /v1/revisions': line('viewer', 'site', 'read revisions'),
  'GET /v1/revisions/{revision}': line('viewer', 'site', 'read a revision'),
  'GET /v1/runs': line('viewer', 'site', 'read runs'),
  'GET /v1/runs/{runId}': line('viewer', 'site', 'read a run'),
  'GET /v1/sinks': line('viewer', 'site', 'read sinks'),
  'GET /v1/sinks/{name}': line('viewer', 'site', 'read a sink'),
  'GET /v1/sinks/{name}/applies': line('viewer', 'site', 'read what a sink applied'),
  'GET /v1/sinks/{name}/render': line('viewer', 'site', 'read what a sink would write'),
  'GET /v1/status': line('viewer', 'site', 'read the state of the site'),
  'GET /v1/storage': line('viewer', 'site', 'read what is stored'),
  'GET /v1/stream': line('viewer', 'project', 'follow what happens'),
  'GET /v1/vipclaims': line('viewer', 'project', 'read claims of VIPs'),
  'GET /v1/vipclaims/{name}': line('viewer', 'project', 'read a claim of a VIP'),
  'GET /v1/vitals': line('viewer', 'site', 'read how busy the site is'),
  'GET /v1/groups': line('viewer', 'site', 'read groups'),
  'GET /v1/groups/{name}': line('viewer', 'site', 'read a group'),
  'GET /v1/subscriptions': line('viewer', 'site', 'read subscriptions'),
  'GET /v1/subscriptions/{name}': line('viewer', 'site', 'read a subscription'),
  'GET /v1/plugins': line('viewer', 'site', 'read plugins'),
  'GET /v1/plugins/{name}': line('viewer', 'site', 'read a plugin'),
  'GET /v1/vippools': line('viewer', 'project', 'read pools of VIPs'),
  'GET /v1/vippools/{name}': line('viewer', 'project', 'read a pool of VIPs'),
  'GET /v1/vippools/{name}/addresses': line('viewer', 'project', 'read its addresses'),
  'GET /v1/vips': line('viewer', 'project', 'read VIPs'),
  'GET /v1/vips/{address}': line('viewer', 'project', 'read a VIP'),

  'POST /v1/backends/{name}/pause': line('operator', 'project', 'pause a backend'),
  'POST /v1/backends/{name}/resume': line('operator', 'project', 'resume a backend'),
  'POST /v1/backends/{name}/enable': line('operator', 'project', 'enable a backend'),
  'POST /v1/backends/{name}/disable': line('operator', 'project', 'disable a backend'),
  'POST /v1/backends/{name}/heartbeat': line('operator', 'project', 'send a heartbeat'),
  'POST /v1/backends/{name}/drain': line('operator', 'project', 'drain a backend'),
  'POST /v1/backends/{name}/undrain': line('operator', 'project', 'end the drain of a backend'),
  'PUT /v1/frontends/{frontend}/pools/{pool}/backends/{backend}/weight': line(
    'operator',
    'project',
    'set a weight',
  ),
  'DELETE /v1/frontends/{frontend}/pools/{pool}/backends/{backend}/weight': line(
    'operator',
    'project',
    'give a weight back',
  ),
  [EMIT_ROUTE]: line('operator', 'site', 'emit a fact'),
  'POST /v1/nodes/{name}/drain': line('operator', 'site', 'drain a node'),
  'POST /v1/nodes/{name}/undrain': line('operator', 'site', 'end the drain of a node'),
  'POST /v1/nodes/{name}/vpp/sync': line('operator', 'site', 'have the VPP of a node compared and set'),
  'POST /v1/plugins/{name}/run': line('operator', 'site', 'run a plugin by hand'),
  'POST /v1/runs/{runId}/retry': line('operator', 'site', 'have a run tried once more'),
  'POST /v1/sinks/{name}/pause': line('operator', 'site', 'pause a sink'),
  'POST /v1/sinks/{name}/resume': line('operator', 'site', 'resume a sink'),

  'POST /v1/apply': line('author', 'project', 'apply resources'),
  'PUT /v1/pools/{pool}/members': line('author', 'project', 'replace the members of a pool'),
  'PUT /v1/resources/{kind}/{name}': line('author', 'project', 'put a resource'),
  'DELETE /v1/resources/{kind}/{name}': line('author', 'project', 'delete a resource'),
  'POST /v1/rollback': line('author', 'site', 'go back to a revision'),
  'POST /v1/subscriptions/{name}/test': line('author', 'site', 'try a subscription on facts'),

  'GET /v1/audit': line('admin', 'site', 'read who changed what'),
  'GET /v1/audit/head': line('admin', 'site', 'read the head of the seals of the journal'),
  'GET /v1/audit/refused': line('admin', 'site', 'read what was refused to whom'),
  'POST /v1/audit/verify': line('admin', 'site', 'check the journal against its seals'),
  'GET /v1/tokens': line('admin', 'site', 'read tokens, never in clear'),
  'POST /v1/tokens': line('admin', 'site', 'make a token'),
  'DELETE /v1/tokens/{id}': line('admin', 'site', 'revoke a token'),
  'POST /v1/tokens/{id}/rotate': line('admin', 'site', 'put a new token in place of one'),
  'POST /v1/projections/verify': line('admin', 'site', 'compare projections with their records'),
  'POST /v1/projections/rebuild': line('admin', 'site', 'build projections anew'),
  'POST /v1/compactions': line('admin', 'site', 'remove records that are no longer kept'),
};

/** The rule of a route, also of one below {@link UNDER_PROJECT}. `HEAD` is as `GET`. Undefined: nobody may. */
export function accessRuleOf(method: string, path: string): AccessRule | undefined {
  const verb = method === 'HEAD' ? 'GET' : method;
  const own = ruleNamed(`${verb} ${path}`);
  if (own !== undefined || !path.startsWith(`${UNDER_PROJECT}/`)) return own;
  const ofSite = ruleNamed(`${verb} /v1${path.slice(UNDER_PROJECT.length)}`);
  return ofSite?.scope === 'project' ? { ...ofSite, scope: 'place' } : undefined;
}

function ruleNamed(name: string): AccessRule | undefined {
  return Object.hasOwn(ACCESS_RULES, name) ? ACCESS_RULES[name] : undefined;
}

function line(role: AccessRule['role'], scope: AccessRule['scope'], words: string): AccessRule {
  return { role, scope, words };
}
