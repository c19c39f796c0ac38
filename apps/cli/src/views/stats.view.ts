import { endpointText, type RecentTimes, RESPONSE_CLASSES, type TargetCounters } from '@signalbox/contracts';
import type { ListenerStatsItem, TrafficItem } from '../rest/answers.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { type Field, fieldsText } from '../output/fields.js';
import { sizeText } from '../output/size.js';
import { alignedText } from '../output/table.js';

type NodeStats = ListenerStatsItem['nodes'][number];

/** What nodes counted for a listener: all together, then by target, and how long requests took. */
export function statsText({ name, project, at, total, nodes, silent }: ListenerStatsItem): string {
  const targets = nodes.flatMap(targetRows);
  const times = nodes.flatMap(timeRows);
  return [
    fieldsText([
      ['name', name],
      ['project', project],
      ['at', at],
      ...trafficFields(total),
      ['silent', silent.length === 0 ? undefined : silent.join(', ')],
    ]),
    'targets\n',
    indented(alignedText(targets) || '-', '  '),
    times.length === 0 ? '' : `average of the last 1,024 requests\n${indented(alignedText(times), '  ')}`,
  ].join('');
}

function trafficFields(total: TrafficItem): readonly Field[] {
  const { connections, connectionsTotal, refusedTotal, bytesIn, bytesOut, requests } = total;
  const classes = RESPONSE_CLASSES.filter((one) => one !== 'other' || requests?.responses[one] !== 0);
  return [
    ['connections', `${connections} now, ${connectionsTotal} in all`],
    ['refused', refusedTotal],
    ['bytes', `${sizeText(bytesIn)} in, ${sizeText(bytesOut)} out`],
    ['requests', requests && `${requests.total}, ${requests.perSecond} in the last second`],
    ['responses', requests && classes.map((one) => `${requests.responses[one]} ${one}`).join(', ')],
    ['rejected', requests?.rejectedTotal],
    ['broken', requests?.brokenTotal],
    ['failed', requests?.failedTotal],
  ];
}

function targetRows({ node, targets, policyPools = [] }: NodeStats): string[][] {
  const row = (target: TargetCounters, pool?: string): string[] => [
    cellText(node),
    pool === undefined ? '' : cellText(`pool ${pool}`),
    endpointText(target),
    `${target.connections} now, ${target.connectionsTotal} in all`,
    `${target.errorsTotal} failed`,
    `${sizeText(target.bytesIn)} in, ${sizeText(target.bytesOut)} out`,
  ];
  return [
    ...targets.map((target) => row(target)),
    ...policyPools.flatMap((pool) => pool.targets.map((target) => row(target, pool.pool))),
  ];
}

function timeRows({ node, times, policyPools = [] }: NodeStats): string[][] {
  const row = ({ connectMs, responseMs, totalMs }: RecentTimes, pool?: string): string[] => [
    cellText(node),
    pool === undefined ? '' : cellText(`pool ${pool}`),
    `connect ${connectMs} ms, response ${responseMs} ms, total ${totalMs} ms`,
  ];
  return [
    ...(times ? [row(times)] : []),
    ...policyPools.flatMap((pool) => (pool.times ? [row(pool.times, pool.pool)] : [])),
  ];
}
