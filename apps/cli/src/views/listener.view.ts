import { endpointText } from '@signalbox/contracts';
import type { ListenerItem, ServingItem } from '../rest/answers.js';
import { timeText } from '../output/age.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText } from '../output/table.js';
import { certificatesText } from './certificates.view.js';
import { poolText, servingText } from './frontend.view.js';
import { originText } from './origin.js';
import { policiesText } from './policies.view.js';
import { columnsWithProject } from './project.js';

export const listenerColumns = columnsWithProject<ListenerItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ADDRESS', rank: 3, value: ({ address }) => address },
  { title: 'PROTOCOL', rank: 4, value: ({ protocol }) => protocol },
  { title: 'PORT', rank: 0, value: ({ port }) => port },
  { title: 'PROVISIONING', rank: 3, value: ({ provisioningStatus }) => provisioningStatus },
  { title: 'OPERATING', rank: 0, value: ({ operatingStatus }) => operatingStatus },
  { title: 'ACTIVE_POOL', rank: 5, value: ({ activePool }) => activePool },
  { title: 'SERVING', value: servingText },
  { title: 'LISTENS_AT', rank: 2, value: listensAtText },
  {
    title: 'WHY',
    rank: 1,
    max: 60,
    value: ({ provisioningReason, operatingReason }) => provisioningReason ?? operatingReason,
  },
  { title: 'ALGORITHM', wide: true, value: ({ algorithm }) => algorithm },
  { title: 'LOAD_BALANCER', wide: true, value: ({ loadBalancer }) => loadBalancer },
  { title: 'DECLARED_BY', wide: true, value: ({ declaredBy }) => declaredBy },
  { title: 'SINCE', wide: true, value: ({ since }) => since },
]);

/** Where nodes listen, each place once. */
function listensAtText({ nodes }: ListenerItem): string {
  const places = nodes.flatMap(({ listensAt }) => (listensAt ? [endpointText(listensAt)] : []));
  return [...new Set(places)].join(',');
}

/** A listener with its nodes and pools; wide says more of each target and node. */
export function listenerText(listener: ListenerItem, nowMs: number, format: 'table' | 'wide'): string {
  const { pools, activePool, nodes, digestsAgree } = listener;
  return [
    fieldsText([
      ['name', listener.name],
      ['project', listener.project],
      ['description', listener.description || undefined],
      ['declared-by', listener.declaredBy],
      ['load-balancer', listener.loadBalancer],
      ['address', listener.address],
      ['protocol', listener.protocol],
      ['port', listener.port],
      ['enabled', listener.enabled],
      ['algorithm', listener.algorithm],
      ['forwarding', listener.forwarding],
      ['connection-limit', listener.connectionLimit],
      ...requestFields(listener),
      ['provisioning', withReason(listener.provisioningStatus, listener.provisioningReason)],
      ['operating', withReason(listener.operatingStatus, listener.operatingReason)],
      ['state', listener.state],
      ['since', timeText(listener.since, nowMs)],
      ['active-pool', activePool],
      ['tables', digestsAgree === undefined ? undefined : digestsAgree ? 'agree' : 'differ between nodes'],
      ['origin', originText(listener.origin)],
    ]),
    'nodes\n',
    indented(alignedText(nodes.map(nodeCells)) || '-', '  '),
    certificatesText(nodes),
    policiesText(listener.policies),
    ...(format === 'wide' ? nodes.map((node) => digestLine(node.node, node)) : []),
    poolText(pools, activePool, format),
    poolText(listener.policyPools ?? [], undefined, format, 'policy-pool'),
  ].join('');
}

/** What it does with TLS and with requests. */
function requestFields({
  tls,
  insertHeaders,
  proxyProtocol,
}: ListenerItem): readonly (readonly [string, string | undefined])[] {
  const alpn = tls?.http2 === true ? 'HTTP/2 and HTTP/1.1' : 'HTTP/1.1';
  return [
    ['certificates', tls?.certificates.join(', ')],
    ['tls', tls && `${tls.minVersion} or newer, ${alpn}`],
    ['insert-headers', insertHeaders && (insertHeaders.join(', ') || undefined)],
    ['proxy-protocol', proxyProtocol],
  ];
}

/** A status, and why it is not the best one. */
export function withReason(status: string, reason: string | undefined): string {
  return reason === undefined ? status : `${status}: ${reason}`;
}

/** What a node says of a listener, behind its name. */
export function servingCells({ listensAt, generation, error, warning }: ServingItem): readonly string[] {
  return [
    listensAt ? `listens at ${endpointText(listensAt)}` : 'listens nowhere',
    generation === undefined ? '' : `generation ${generation}`,
    error
      ? cellText(`${error.code}: ${error.message}`)
      : warning === undefined
        ? ''
        : cellText(`warning: ${warning}`),
  ];
}

function nodeCells(node: ListenerItem['nodes'][number]): readonly string[] {
  const behind = node.current ? '' : ' (behind)';
  const state = node.state === 'applied' ? `applied${behind}` : node.state;
  const waits = node.waits === undefined ? '' : cellText(node.waits);
  return [cellText(node.node), cellText(node.driver), state, ...servingCells(node), waits];
}

function digestLine(name: string, { digest, tableDigest }: ServingItem): string {
  return `  ${cellText(name)}: digest ${cellText(digest)}, table ${cellText(tableDigest)}\n`;
}
