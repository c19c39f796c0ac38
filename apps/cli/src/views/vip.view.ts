import { fieldsText } from '../output/fields.js';
import type { Column } from '../output/table.js';
import type { VipClaimItem, VipPoolItem } from '../rest/answers.js';
import { originText } from './origin.js';
import { columnsWithProject } from './project.js';

export const VIP_POOL_COLUMNS: readonly Column<VipPoolItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ADDRESSES', value: ({ addresses }) => addresses.join(',') },
  { title: 'SIZE', value: ({ size }) => size },
  { title: 'USED', value: ({ used }) => used },
  { title: 'QUARANTINED', value: ({ quarantined }) => quarantined },
  { title: 'FREE', value: ({ free }) => free },
  { title: 'PROJECTS', wide: true, value: ({ projects }) => projects?.join(',') ?? 'all' },
  { title: 'AUTO_ASSIGN', wide: true, value: ({ autoAssign }) => autoAssign },
  { title: 'QUARANTINE', wide: true, value: ({ quarantine }) => quarantine },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
];

/** A pool with how much of it is left. */
export function vipPoolText(pool: VipPoolItem): string {
  return fieldsText([
    ['name', pool.name],
    ['description', pool.description || undefined],
    ['addresses', pool.addresses.join(', ')],
    ['projects', pool.projects?.join(', ') ?? 'all'],
    ['auto-assign', pool.autoAssign],
    ['quarantine', pool.quarantine],
    ['size', pool.size],
    ['used', pool.used],
    ['quarantined', pool.quarantined],
    ['free', pool.free],
    ['origin', originText(pool.origin)],
  ]);
}

export const vipClaimColumns = columnsWithProject<VipClaimItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'ADDRESS', value: ({ address }) => address },
  { title: 'POOL', value: ({ pool }) => pool },
  { title: 'LOADBALANCERS', value: ({ loadBalancers }) => loadBalancers.join(',') },
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'SHARING_KEY', wide: true, value: ({ sharingKey }) => sharingKey },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
]);

/** A claim with the address that it has, or why it has none. */
export function vipClaimText(claim: VipClaimItem): string {
  return fieldsText([
    ['name', claim.name],
    ['project', claim.project],
    ['description', claim.description || undefined],
    ['state', claim.state],
    ['address', claim.address],
    ['pool', claim.pool],
    ['sharing-key', claim.sharingKey],
    ['why', claim.reason],
    ['recorded', claim.at],
    ['loadbalancers', claim.loadBalancers.join(', ')],
    ['origin', originText(claim.origin)],
  ]);
}
