import type { ListenerStatusItem, LoadBalancerItem } from '../rest/answers.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText } from '../output/table.js';
import { withReason } from './listener.view.js';
import { originText } from './origin.js';
import { columnsWithProject } from './project.js';

export const loadBalancerColumns = columnsWithProject<LoadBalancerItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ADDRESS', value: ({ address }) => address },
  { title: 'PROVISIONING', value: ({ provisioningStatus }) => provisioningStatus },
  { title: 'OPERATING', value: ({ operatingStatus }) => operatingStatus },
  { title: 'LISTENERS', value: ({ listeners }) => listeners.map(({ name }) => name).join(',') },
  { title: 'ENABLED', wide: true, value: ({ enabled }) => enabled },
  { title: 'DECLARED_BY', wide: true, value: ({ declaredBy }) => declaredBy },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
]);

/** A load balancer with its listeners, and why they are not well. */
export function loadBalancerText(loadBalancer: LoadBalancerItem): string {
  const { listeners } = loadBalancer;
  return [
    fieldsText([
      ['name', loadBalancer.name],
      ['project', loadBalancer.project],
      ['description', loadBalancer.description || undefined],
      ['declared-by', loadBalancer.declaredBy],
      ['address', loadBalancer.address],
      ['vip-claim', loadBalancer.vipClaim],
      ['enabled', loadBalancer.enabled],
      ['provisioning', loadBalancer.provisioningStatus],
      ['operating', loadBalancer.operatingStatus],
      ['origin', originText(loadBalancer.origin)],
    ]),
    'listeners\n',
    indented(alignedText(listeners.map(listenerCells)) || '-', '  '),
  ].join('');
}

function listenerCells(listener: ListenerStatusItem): readonly string[] {
  const { name, protocol, port } = listener;
  return [
    cellText(name),
    `${protocol} ${port}`,
    cellText(withReason(listener.provisioningStatus, listener.provisioningReason)),
    cellText(withReason(listener.operatingStatus, listener.operatingReason)),
  ];
}
