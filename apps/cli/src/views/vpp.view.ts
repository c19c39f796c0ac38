import type { VppInfo, VppLbState, VppSync, VppVip, VppVipCounters } from '@signalbox/contracts';
import { timeText } from '../output/age.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText, type Column } from '../output/table.js';

/** Packets of VIPs, a line each. */
export const VPP_COUNTER_COLUMNS: readonly Column<VppVipCounters>[] = [
  { title: 'VIP', value: ({ prefix }) => prefix },
  { title: 'PROTOCOL', value: ({ protocol }) => protocol },
  { title: 'PORT', value: ({ port }) => port },
  { title: 'LISTENER', value: ({ listener }) => listener },
  { title: 'NEXT', value: ({ next }) => next },
  { title: 'FIRST', value: ({ first }) => first },
  { title: 'UNTRACKED', value: ({ untracked }) => untracked },
  { title: 'NO-SERVER', value: ({ noServer }) => noServer },
];

/** Which VPP it is, in the words of maglevc. Reference maglev 8.4. */
export function vppInfoText(info: VppInfo, nowMs: number): string {
  const since = (at: string | undefined) => (at === undefined ? undefined : timeText(at, nowMs));
  return fieldsText([
    ['node', info.node],
    ['version', info.version],
    ['build-date', info.buildDate],
    ['build-dir', info.buildDirectory],
    ['vpp-pid', info.pid],
    ['vpp-boottime', since(info.bootedAt)],
    ['connected', info.connected ? since(info.connectedAt) : `no: ${info.why ?? 'nobody says why'}`],
  ]);
}

/** What stands in VPP: settings, then each VIP with its application servers. */
export function vppStateText({ node, conf, vips }: VppLbState): string {
  return [
    fieldsText([
      ['node', node],
      ['ip4-src-address', conf.ipv4SrcAddress],
      ['ip6-src-address', conf.ipv6SrcAddress],
      ['sticky-buckets-per-core', conf.stickyBucketsPerCore],
      ['flow-timeout', `${conf.flowTimeoutSeconds}s`],
    ]),
    ...vips.map(vipText),
  ].join('');
}

function vipText({ encap, srcIpSticky, targets, ...vip }: VppLbState['vips'][number]): string {
  const rows = targets.map(({ address, weight, buckets, flows }) => [
    address,
    `weight ${weight}`,
    `${buckets} buckets`,
    `${flows} flows`,
  ]);
  return [
    `vip ${placeText(vip)}  encap ${encap}  src-ip-sticky ${srcIpSticky}  ${vip.listener === undefined ? 'no listener' : `listener ${cellText(vip.listener)}`}\n`,
    indented(alignedText(rows) || '-', '  '),
  ].join('');
}

function placeText({ prefix, protocol, port }: VppVip): string {
  return port === 0 ? `${prefix} all ports` : `${prefix} ${cellText(protocol)} port ${port}`;
}

/** What a sync wrote. */
export function vppSyncText({ node, ...written }: VppSync): string {
  if (Object.values(written).every((count) => count === 0))
    return `VPP of node ${node} is as desired: nothing written\n`;
  return fieldsText([
    ['node', node],
    ['vips added', written.vipsAdded],
    ['vips removed', written.vipsRemoved],
    ['servers added', written.targetsAdded],
    ['servers removed', written.targetsRemoved],
    ['weights set', written.weightsSet],
  ]);
}
