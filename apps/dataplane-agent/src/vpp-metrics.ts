import { Injectable } from '@nestjs/common';
import { Clock, labelText, type ManySeries, Metrics, seriesLine } from '@signalbox/runtime';
import { DataPlane } from './data-plane.js';
import type { VppDesk } from './drivers/vpp/vpp-desk.js';
import { VppDriver } from './drivers/vpp/vpp-driver.js';

/** A sample: labels and value. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

interface Metric {
  readonly name: string;
  readonly type: ManySeries['type'];
  readonly help: string;
  readonly samples: (vpp: VppDesk, nowMs: number) => readonly Sample[];
}

/** Names and labels are those of reference maglev 10. What is about a connection is absent while there is none. */
const METRICS: readonly Metric[] = [
  {
    name: 'maglev_vpp_connected',
    type: 'gauge',
    help: 'Whether VPP is connected',
    samples: (vpp) => [[{}, vpp.info().connected ? 1 : 0]],
  },
  {
    name: 'maglev_vpp_uptime_seconds',
    type: 'gauge',
    help: 'How long VPP has been running',
    samples: (vpp, nowMs) => secondsSince(vpp.info().bootedAt, nowMs),
  },
  {
    name: 'maglev_vpp_connected_seconds',
    type: 'gauge',
    help: 'How long VPP has been connected',
    samples: (vpp, nowMs) => secondsSince(vpp.info().connectedAt, nowMs),
  },
  {
    name: 'maglev_vpp_info',
    type: 'gauge',
    help: 'Which VPP is connected',
    samples: (vpp) => {
      const { version, buildDate, pid } = vpp.info();
      if (version === undefined) return [];
      return [[{ version, build_date: buildDate ?? '', pid: String(pid) }, 1]];
    },
  },
  {
    name: 'maglev_vpp_api_total',
    type: 'counter',
    help: 'Messages to VPP and from it',
    samples: (vpp) => vpp.calls.map(({ count, ...labels }) => [labels, count]),
  },
  {
    name: 'maglev_vpp_lbsync_total',
    type: 'counter',
    help: 'Changes made to VIPs and application servers of VPP',
    samples: (vpp) => vpp.changes.map(({ count, ...labels }) => [labels, count]),
  },
  {
    name: 'maglev_vpp_vip_packets_total',
    type: 'counter',
    help: 'Packets of a VIP since VPP made it',
    samples: (vpp) =>
      vpp.lastCounted.flatMap(({ prefix, protocol, port, next, first, untracked, noServer }) =>
        Object.entries({ next, first, untracked, no_server: noServer }).map(([kind, value]): Sample => [
          { kind, prefix, protocol, port: String(port) },
          value,
        ]),
      ),
  },
];

/** Metrics of the VPP of a node; of a node with another driver there are none. Counters of VIPs are those that `signalbox_lb_*` read in the same scrape. */
@Injectable()
export class VppMetrics {
  constructor(
    private readonly metrics: Metrics,
    private readonly plane: DataPlane,
    private readonly clock: Clock,
  ) {}

  /** Shows VPP from now on. */
  show(): void {
    for (const { name, type, help, samples } of METRICS)
      this.metrics.add({ name, type, help, lines: () => this.linesOf(name, samples) });
  }

  private linesOf(name: string, samples: Metric['samples']): string[] {
    const { driver } = this.plane;
    if (!(driver instanceof VppDriver)) return [];
    return samples(driver.vpp, this.clock.now()).map(([labels, value]) =>
      seriesLine(name, labelText(labels), value),
    );
  }
}

function secondsSince(at: string | undefined, nowMs: number): readonly Sample[] {
  return at === undefined ? [] : [[{}, Math.max(0, nowMs - Date.parse(at)) / 1000]];
}
