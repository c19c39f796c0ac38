import type { NodePeerReport, NodeVipReport } from '@signalbox/contracts';
import type { NodeDetail, NodeItem } from '../rest/answers.js';
import { timeText } from '../output/age.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText, type Column } from '../output/table.js';
import { servingCells, withReason } from './listener.view.js';
import { originText } from './origin.js';

/** Digits of a digest by which people tell nodes apart. */
const SHORT_DIGEST = 8;

export const NODE_COLUMNS: readonly Column<NodeItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'DRIVER', value: ({ driver }) => driver },
  { title: 'STATE', rank: 0, value: stateText },
  { title: 'GENERATION', rank: 4, value: ({ appliedGeneration }) => appliedGeneration },
  { title: 'DIGEST', rank: 5, value: ({ trafficDigest }) => trafficDigest?.slice(0, SHORT_DIGEST) },
  { title: 'REFUSED', rank: 3, value: ({ refused }) => refused },
  {
    title: 'VIPS',
    value: ({ vipCounts: { announced, all } }) => (all > 0 ? `${announced}/${all}` : undefined),
  },
  { title: 'PEERS', rank: 3, value: ({ peerCounts }) => peerCounts && `${peerCounts.up}/${peerCounts.all}` },
  { title: 'DRAINED', rank: 3, value: drainedText },
  { title: 'SINCE', rank: 2, value: ({ since }) => since },
  { title: 'ERROR', rank: 1, max: 60, value: ({ error }) => error?.message },
  { title: 'EPOCH', wide: true, value: ({ epoch }) => epoch },
  { title: 'AT', wide: true, value: ({ at }) => at },
  { title: 'VERSION', wide: true, value: ({ version }) => version },
];

/** A node with what it serves; wide says what its data plane can do. */
export function nodeText(node: NodeDetail, nowMs: number, format: 'table' | 'wide'): string {
  const { listeners, vips, peers, capabilities } = node;
  return [
    fieldsText([
      ['name', node.name],
      ['driver', node.driver],
      ['state', withReason(stateText(node), node.error?.message)],
      ['since', node.since === undefined ? undefined : timeText(node.since, nowMs)],
      ['generation', node.appliedGeneration],
      ['refused', node.refused],
      ['digest', node.trafficDigest],
      ['drained', drainedText(node)],
      ['drained by', drainText(node, nowMs)],
      ['last report', node.at === undefined ? undefined : timeText(node.at, nowMs)],
      ['origin', originText(node.origin)],
      ...(format === 'wide' && capabilities
        ? Object.entries(capabilities).map(([name, can]): [string, string] => [
            `can ${kebab(name)}`,
            String(can),
          ])
        : []),
    ]),
    'listeners\n',
    indented(
      alignedText(listeners.map((one) => [cellText(one.listener), one.state, ...servingCells(one)])) || '-',
      '  ',
    ),
    ...(vips.length > 0 ? ['vips\n', rowsText(vips.map((one) => vipCells(one, nowMs)))] : []),
    ...(peers.length > 0 ? ['peers\n', rowsText(peers.map((one) => peerCells(one, nowMs)))] : []),
  ].join('');
}

/** How it is, or was when its agent was heard last. */
function stateText({ state, silent }: NodeItem): string {
  return silent ? `silent, was ${state}` : state;
}

/** `pending`: the node does not say yet that it does what an operator wants. */
function drainedText({ drained, drain }: NodeItem): string | undefined {
  if (drained === true) return 'yes';
  return drain ? 'pending' : undefined;
}

function drainText({ drain }: NodeItem, nowMs: number): string | undefined {
  return drain && withReason(`${drain.author} ${timeText(drain.since, nowMs)}`, drain.reason);
}

/** What is said when a node was drained, or announces again. */
export function drainOutcomeText({ name, drain, drained, vipCounts }: NodeItem): string {
  const { announced, all } = vipCounts;
  const vips = all > 0 ? `, announces ${announced} of ${all} VIPs` : '';
  return `${name} ${drain ? `is drained${drained === true ? '' : ' (pending)'}` : 'is not drained'}${vips}\n`;
}

function vipCells(vip: NodeVipReport, nowMs: number): readonly string[] {
  const { address, method, state, announcement, since, to, why } = vip;
  const told = to === undefined ? '' : `to ${to.join(', ') || 'nobody'}`;
  return [address, method, state, `by ${announcement}`, told, `since ${timeText(since, nowMs)}`, why ?? ''];
}

function peerCells({ name, state, bfd, since, why }: NodePeerReport, nowMs: number): readonly string[] {
  return [name, state, bfd === undefined ? '' : `bfd ${bfd}`, `since ${timeText(since, nowMs)}`, why ?? ''];
}

function rowsText(rows: readonly (readonly string[])[]): string {
  return indented(alignedText(rows.map((row) => row.map(cellText))), '  ');
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
