import { type Alarm, formatTime, type NodeVipReport, timestampMs } from '@signalbox/contracts';

/** A VIP that some node is told to announce. */
export interface WantedVip {
  readonly address: string;
  /** Name of the Announcement. */
  readonly announcement: string;
  /** Since when it is wanted, as far as this process knows. Epoch ms. */
  readonly sinceMs: number;
}

/** For so long nobody has to announce a VIP: a leader may be changing, a node starting. Milliseconds. */
export const UNANNOUNCED_MS = 10_000;

/** Most nodes whose reasons are told. */
const TOLD_NODES = 3;

/** One alarm per VIP that no node announces or leads, although an Announcement is for it. ADR 0042. */
export function unannouncedAlarms(
  wanted: Iterable<WantedVip>,
  reportsOf: (address: string) => ReadonlyMap<string, NodeVipReport>,
  nowMs: number,
): Alarm[] {
  return [...wanted].flatMap(({ address, announcement, sinceMs }): Alarm[] => {
    const reports = [...reportsOf(address)].sort(([a], [b]) => (a < b ? -1 : 1));
    if (reports.some(([, { state }]) => state === 'announced')) return [];
    const atMs = Math.max(sinceMs, ...reports.map(([, { since }]) => timestampMs(since)));
    if (nowMs - atMs <= UNANNOUNCED_MS) return [];
    const text = `no node announces ${address} of Announcement/${announcement}: ${whyText(reports)}`;
    return [{ kind: 'vip-not-announced', name: address, since: formatTime(atMs), text }];
  });
}

function whyText(reports: readonly (readonly [node: string, NodeVipReport])[]): string {
  if (reports.length === 0) return 'no node has said anything of it';
  const told = reports.slice(0, TOLD_NODES).map(([node, { state, why }]) => `${node}: ${why ?? state}`);
  const more = reports.length - told.length;
  return `${told.join('; ')}${more > 0 ? ` and ${more} more` : ''}`;
}
