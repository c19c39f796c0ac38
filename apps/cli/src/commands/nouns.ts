import { Option } from 'commander';
import type { BackendDetail, FrontendItem, HealthCheckItem } from '../rest/answers.js';
import type { ListenerItem, LoadBalancerItem, NodeDetail, PoolItem } from '../rest/answers.js';
import type { Column } from '../output/table.js';
import type { BackendSourceItem } from '../rest/answers.js';
import type { OrgItem, ProjectItem, QuotaItem } from '../rest/answers.js';
import type { VipClaimItem, VipItem, VipPoolItem } from '../rest/answers.js';
import { BACKEND_STATES } from './states.js';

/** A noun of `show`. Its view is loaded when it is needed, so that no other command pays for it. */
export interface Shown<Item> {
  readonly list: string;
  readonly single: string;
  /** What REST calls the list, when that is another word. */
  readonly path?: string;
  readonly description: string;
  readonly example: string;
  readonly options?: readonly Option[];
  /** What tells one from another, when that is not its name. */
  readonly identity?: 'name' | 'address';
  /** It stands beside all projects. */
  readonly ofNoProject?: true;
  readonly view: () => Promise<{
    readonly columns: (items: readonly Item[]) => readonly Column<Item>[];
    readonly text: (item: Item, nowMs: number, format: 'table' | 'wide') => string;
  }>;
}

export const BACKENDS: Shown<BackendDetail> = {
  list: 'backends',
  single: 'backend',
  description: 'backends and their states, or everything of one of them',
  example: 'nginx1',
  options: [new Option('--state <state>', 'only backends in it').choices(BACKEND_STATES)],
  view: async () => {
    const { backendColumns, backendText } = await import('../views/backend.view.js');
    return { columns: backendColumns, text: backendText };
  },
};

export const FRONTENDS: Shown<FrontendItem> = {
  list: 'frontends',
  single: 'frontend',
  description: 'frontends and their states, or the pools and weights of one of them',
  example: 'http-vip',
  view: async () => {
    const { frontendColumns, frontendText } = await import('../views/frontend.view.js');
    return { columns: frontendColumns, text: frontendText };
  },
};

export const HEALTHCHECKS: Shown<HealthCheckItem> = {
  list: 'healthchecks',
  single: 'healthcheck',
  description: 'health checks, or everything of one of them',
  example: 'http-check',
  view: async () => {
    const { healthcheckColumns, healthcheckText } = await import('../views/healthcheck.view.js');
    return { columns: healthcheckColumns, text: healthcheckText };
  },
};

export const LISTENERS: Shown<ListenerItem> = {
  list: 'listeners',
  single: 'listener',
  description: 'listeners: whether nodes serve them and how; the nodes, pools and weights of one of them',
  example: 'http-vip',
  view: async () => {
    const { listenerColumns, listenerText } = await import('../views/listener.view.js');
    return { columns: listenerColumns, text: listenerText };
  },
};

export const LOAD_BALANCERS: Shown<LoadBalancerItem> = {
  list: 'loadbalancers',
  single: 'loadbalancer',
  description: 'load balancers, each as well as its worst listener, or the listeners of one of them',
  example: 'shop',
  view: async () => {
    const { loadBalancerColumns, loadBalancerText } = await import('../views/loadbalancer.view.js');
    return { columns: loadBalancerColumns, text: loadBalancerText };
  },
};

export const POOLS: Shown<PoolItem> = {
  list: 'pools',
  single: 'pool',
  description: 'pools and the listeners that they serve, or the members of one of them with their weights',
  example: 'shop',
  view: async () => {
    const { poolColumns, poolViewText } = await import('../views/pool.view.js');
    return { columns: poolColumns, text: poolViewText };
  },
};

export const NODES: Shown<NodeDetail> = {
  list: 'nodes',
  single: 'node',
  description: 'load-balancing nodes and their states, or what one of them serves and refuses',
  example: 'local',
  view: async () => {
    const { NODE_COLUMNS, nodeText } = await import('../views/node.view.js');
    return { columns: () => NODE_COLUMNS, text: nodeText };
  },
  ofNoProject: true,
};

export const VIPS: Shown<VipItem> = {
  list: 'vips',
  single: 'vip',
  description: 'VIPs: who announces each, to whom and since when, what serves it, or why nobody does',
  example: '192.0.2.10',
  identity: 'address',
  view: async () => {
    const { VIP_COLUMNS, vipText } = await import('../views/announced-vip.view.js');
    return { columns: () => VIP_COLUMNS, text: vipText };
  },
};

export const VIP_POOLS: Shown<VipPoolItem> = {
  list: 'vippools',
  single: 'vippool',
  description: 'pools of VIPs: how many addresses are used, in quarantine and free',
  example: 'edge',
  options: [
    new Option('--project <name>', 'as this project sees them: those that serve it, and what it has of them'),
  ],
  view: async () => {
    const { VIP_POOL_COLUMNS, vipPoolText } = await import('../views/vip.view.js');
    return { columns: () => VIP_POOL_COLUMNS, text: vipPoolText };
  },
  ofNoProject: true,
};

export const VIP_CLAIMS: Shown<VipClaimItem> = {
  list: 'vipclaims',
  single: 'vipclaim',
  description: 'claims of VIPs: the address that each has, or why it has none',
  example: 'shop',
  view: async () => {
    const { vipClaimColumns, vipClaimText } = await import('../views/vip.view.js');
    return { columns: vipClaimColumns, text: vipClaimText };
  },
};

export const BACKEND_SOURCES: Shown<BackendSourceItem> = {
  list: 'sources',
  single: 'source',
  path: 'backendsources',
  description: 'where backends are known from: what each source brings, and what is wrong with it',
  example: 'vms',
  view: async () => {
    const { backendSourceColumns, backendSourceText } = await import('../views/source.view.js');
    return { columns: backendSourceColumns, text: backendSourceText };
  },
};

export const ORGS: Shown<OrgItem> = {
  list: 'orgs',
  single: 'org',
  description: 'orgs, or what the projects of one of them have together and may have',
  example: 'acme',
  view: async () => {
    const { ORG_COLUMNS, orgText } = await import('../views/tenant.view.js');
    return { columns: () => ORG_COLUMNS, text: orgText };
  },
  ofNoProject: true,
};

export const PROJECTS: Shown<ProjectItem> = {
  list: 'projects',
  single: 'project',
  description: 'projects of orgs, or what one of them has, and may have by the quotas over it',
  example: 'web',
  options: [new Option('--org <name>', 'only projects of this org')],
  view: async () => {
    const { PROJECT_COLUMNS, projectText } = await import('../views/tenant.view.js');
    return { columns: () => PROJECT_COLUMNS, text: projectText };
  },
  ofNoProject: true,
};

export const QUOTAS: Shown<QuotaItem> = {
  list: 'quotas',
  single: 'quota',
  description: 'quotas: how many resources of each kind an org or project has, and may have',
  example: 'acme',
  options: [new Option('--project <name>', 'only those over this project: its own and those of its org')],
  view: async () => {
    const { QUOTA_COLUMNS, quotaText } = await import('../views/tenant.view.js');
    return { columns: () => QUOTA_COLUMNS, text: quotaText };
  },
  ofNoProject: true,
};

/** A noun by what `describe` needs of it: the text of what the site answers. */
export interface Described extends Pick<Shown<never>, 'list' | 'single' | 'path' | 'identity'> {
  readonly view: () => Promise<Pick<Awaited<ReturnType<Shown<never>['view']>>, 'text'>>;
}

/** What `describe` tells of besides resources, by its nouns in small letters. */
export const DESCRIBED: readonly Described[] = [
  BACKENDS,
  FRONTENDS,
  HEALTHCHECKS,
  LISTENERS,
  LOAD_BALANCERS,
  POOLS,
  NODES,
  VIPS,
  VIP_POOLS,
  VIP_CLAIMS,
  BACKEND_SOURCES,
  ORGS,
  PROJECTS,
  QUOTAS,
];
