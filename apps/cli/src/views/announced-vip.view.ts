import { endpointText } from '@signalbox/contracts';
import { timeText } from '../output/age.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText, type Column } from '../output/table.js';
import type { VipItem } from '../rest/answers.js';

/** One line for each VIP. */
export const VIP_COLUMNS: readonly Column<VipItem>[] = [
  { title: 'ADDRESS', value: ({ address }) => address },
  { title: 'HOLDERS', rank: 0, value: (vip) => listed(holdersOf(vip).map(holderText)) },
  { title: 'ANNOUNCED_TO', rank: 4, value: (vip) => listed(holdersOf(vip).flatMap(({ to = [] }) => to)) },
  { title: 'SINCE', rank: 2, value: (vip) => listed(sinceOf(vip)) },
  {
    title: 'ACTIVE_POOL',
    rank: 3,
    value: ({ listeners }) => listed(listeners.map(({ activePool }) => activePool)),
  },
  { title: 'USABLE', value: ({ listeners }) => listed(listeners.map(usableText)) },
  { title: 'WHY', max: 60, value: ({ why }) => why },
  { title: 'METHOD', wide: true, value: ({ nodes }) => listed(nodes.map(({ method }) => method)) },
  {
    title: 'STANDBY',
    wide: true,
    value: ({ nodes }) => listed(nodes.filter(({ state }) => state === 'standby').map(({ node }) => node)),
  },
  { title: 'LISTENERS', wide: true, value: ({ listeners }) => listed(listeners.map(({ name }) => name)) },
];

/** A VIP with its nodes and listeners. */
export function vipText(vip: VipItem, nowMs: number): string {
  const { address, nodes, listeners, why } = vip;
  return [
    fieldsText([
      ['address', address],
      ['holders', listed(holdersOf(vip).map(holderText))],
      ['why', why],
    ]),
    'nodes\n',
    table(
      nodes.map(({ node, silent, method, state, announcement, since, to, why: reason }) => [
        ...[node, method, silent ? `silent, was ${state}` : state, `by ${announcement}`],
        to === undefined ? '' : `to ${to.join(', ') || 'nobody'}`,
        `since ${timeText(since, nowMs)}`,
        reason ?? '',
      ]),
    ),
    'listeners\n',
    table(
      listeners.map((one) => [
        ...[one.name, one.protocol, one.port === 0 ? 'all ports' : endpointText({ address, port: one.port })],
        ...[one.provisioningStatus, one.operatingStatus],
        `pool ${one.activePool} ${usableText(one)}`,
        one.provisioningReason ?? one.operatingReason ?? '',
      ]),
    ),
  ].join('');
}

/** Nodes that announce it, or lead it. */
function holdersOf({ nodes }: VipItem): VipItem['nodes'] {
  return nodes.filter(({ state }) => state === 'announced');
}

/** Whose agent does not answer may be dead, and its VIP with it. */
function holderText({ node, silent }: VipItem['nodes'][number]): string {
  return silent ? `${node}(silent)` : node;
}

/** Since when somebody has it without a break. */
function sinceOf(vip: VipItem): string[] {
  return holdersOf(vip)
    .map(({ since }) => since)
    .sort()
    .slice(0, 1);
}

function usableText({ usableTargets, targets }: VipItem['listeners'][number]): string {
  return `${usableTargets}/${targets}`;
}

/** Each once. */
function listed(texts: readonly string[]): string | undefined {
  return texts.length === 0 ? undefined : [...new Set(texts)].join(',');
}

function table(rows: readonly (readonly string[])[]): string {
  return indented(alignedText(rows.map((row) => row.map(cellText))) || '-', '  ');
}
