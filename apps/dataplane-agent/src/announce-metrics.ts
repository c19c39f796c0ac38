import { labelText, type ManySeries, type Metrics, seriesLine } from '@signalbox/runtime';
import type { DataPlane } from './data-plane.js';

type Labelled = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Shows what a node announces: its VIPs, and the routers that it tells. Each series is there as long as what it is of. */
export function showAnnouncing(metrics: Metrics, plane: DataPlane): void {
  const { node, announcing } = plane;
  const { tally } = announcing;
  const show = (name: string, type: ManySeries['type'], help: string, read: () => readonly Labelled[]) =>
    metrics.add({
      ...{ name, type, help },
      lines: () => read().map(([labels, value]) => seriesLine(name, labelText({ node, ...labels }), value)),
    });
  show('signalbox_vip_announced', 'gauge', 'Whether the node has a VIP on the network', () =>
    (announcing.report.vips ?? []).map(({ address, method, state }) => [
      { vip: address, method },
      state === 'announced' ? 1 : 0,
    ]),
  );
  show('signalbox_bgp_session_up', 'gauge', 'Whether routes are exchanged with a router', () =>
    (announcing.report.peers ?? []).map(({ name, state }) => [{ peer: name }, state === 'up' ? 1 : 0]),
  );
  show('signalbox_bgp_bfd_up', 'gauge', 'Whether BFD finds the way to a router good', () =>
    (announcing.report.peers ?? []).flatMap(({ name, bfd }): Labelled[] =>
      bfd ? [[{ peer: name }, bfd === 'up' ? 1 : 0]] : [],
    ),
  );
  show(
    'signalbox_vip_changes_total',
    'counter',
    'How often a VIP came onto the network, or went from it',
    () => [[{}, tally.changes]],
  );
  show(
    'signalbox_vip_drift_total',
    'counter',
    'How often VIPs were not on the network as they had been announced',
    () => [[{}, tally.drifts]],
  );
  const seconds = 'signalbox_vip_announce_lag_seconds';
  metrics.add({
    name: seconds,
    type: 'histogram',
    help: 'From the moment in which VIPs are ready, or not any more, until their announcer has taken it',
    lines: () => tally.applies.lines(seconds, labelText({ node })),
  });
}
