import { Injectable } from '@nestjs/common';
import {
  type ListenerCounters,
  NODE_LISTENER_STATES,
  type RequestCounters,
  RESPONSE_CLASSES,
  type TargetCounters,
} from '@signalbox/contracts';
import { labelText, type ManySeries, Metrics, seriesLine } from '@signalbox/runtime';
import { showAnnouncing } from './announce-metrics.js';
import { DataPlane } from './data-plane.js';
import { COUNTERS } from './node-answers.js';

/** A metric of the counters: one line for each target, or for each listener. */
interface Counted {
  readonly name: string;
  readonly type: ManySeries['type'];
  readonly help: string;
  readonly lines: (listener: ListenerCounters) => Iterable<readonly [Record<string, string>, number]>;
}

const COUNTED: readonly Counted[] = [
  {
    name: 'signalbox_lb_connections',
    type: 'gauge',
    help: 'Connections that stand, by target',
    lines: eachTarget(({ connections }) => [[{}, connections]]),
  },
  {
    name: 'signalbox_lb_connections_total',
    type: 'counter',
    help: 'Connections that were given to a target',
    lines: eachTarget(({ connectionsTotal }) => [[{}, connectionsTotal]]),
  },
  {
    name: 'signalbox_lb_errors_total',
    type: 'counter',
    help: 'Connects to a target that failed',
    lines: eachTarget(({ errorsTotal }) => [[{}, errorsTotal]]),
  },
  {
    name: 'signalbox_lb_bytes_total',
    type: 'counter',
    help: 'Bytes from clients (in) and to them (out), by target',
    lines: eachTarget(({ bytesIn, bytesOut }) => [
      [{ direction: 'in' }, bytesIn],
      [{ direction: 'out' }, bytesOut],
    ]),
  },
  {
    name: 'signalbox_lb_refused_total',
    type: 'counter',
    help: 'Connections, or requests, of a listener that got no target',
    lines: ({ listener, refusedTotal }) => [[{ listener }, refusedTotal]],
  },
  {
    name: 'signalbox_lb_requests_total',
    type: 'counter',
    help: 'Requests of a listener',
    lines: ofRequests(({ total }) => [[{}, total]]),
  },
  {
    name: 'signalbox_lb_responses_total',
    type: 'counter',
    help: 'Answers to clients of a listener by the class of their code, also those that the node gave itself',
    lines: ofRequests(({ responses }) => RESPONSE_CLASSES.map((code) => [{ code }, responses[code]])),
  },
  {
    name: 'signalbox_lb_request_errors_total',
    type: 'counter',
    help: 'Requests that a policy rejected, that were broken, or whose target failed to answer',
    lines: ofRequests(({ rejectedTotal, brokenTotal, failedTotal }) => [
      [{ reason: 'rejected' }, rejectedTotal],
      [{ reason: 'broken' }, brokenTotal],
      [{ reason: 'failed' }, failedTotal],
    ]),
  },
  {
    name: 'signalbox_lb_recent_request_seconds',
    type: 'gauge',
    help: 'Average over the last 1024 requests that went to targets: connect, response, or total',
    lines: eachGroup(({ times }) =>
      times
        ? [
            [{ phase: 'connect' }, times.connectMs / 1000],
            [{ phase: 'response' }, times.responseMs / 1000],
            [{ phase: 'total' }, times.totalMs / 1000],
          ]
        : [],
    ),
  },
];

/** Metrics of a load-balancing node. Series of listeners are those of the data plane at the scrape: what left is gone. */
@Injectable()
export class NodeMetrics {
  private counters: readonly ListenerCounters[] = [];
  private readonly node: Readonly<Record<string, string>>;

  constructor(
    private readonly metrics: Metrics,
    private readonly plane: DataPlane,
  ) {
    this.node = { node: plane.node };
  }

  /** Shows the node from now on. */
  show(): void {
    const { applier } = this.plane;
    const { tally } = applier;
    const labels = labelText(this.node);
    const one = (name: string, type: ManySeries['type'], help: string, read: () => number | undefined) =>
      this.metrics.add({
        name: `signalbox_lb_${name}`,
        type,
        help,
        lines: () => {
          const value = read();
          return value === undefined ? [] : [seriesLine(`signalbox_lb_${name}`, labels, value)];
        },
      });
    one('applied_generation', 'gauge', 'Generation of the desired state that was applied last', () => {
      return applier.report?.appliedGeneration;
    });
    one('apply_lag_seconds', 'gauge', 'From the decision to the end of its apply, of the last state', () => {
      return tally.lagSeconds;
    });
    one('writes_total', 'counter', 'Changes made to the data plane', () => tally.writes);
    one('drift_total', 'counter', 'How often the data plane was not as it was applied', () => tally.drifts);
    one(
      'stale_total',
      'counter',
      'States that came after a later one, and were not applied',
      () => tally.stale,
    );
    const seconds = 'signalbox_lb_apply_seconds';
    this.metrics.add({
      name: seconds,
      type: 'histogram',
      help: 'Duration of an apply',
      lines: () => tally.applies.lines(seconds, labels),
    });
    showAnnouncing(this.metrics, this.plane);
    this.showListeners();
    for (const { name, type, help, lines } of COUNTED)
      this.metrics.add({ name, type, help, lines: () => this.counted(name, lines) });
  }

  /** Comes before the series of counters in a scrape, so it asks for these. */
  private showListeners(): void {
    const help = 'Listeners of a node by how they stand';
    const gauge = this.metrics.gauge('signalbox_lb_listeners', help, ['node', 'state']);
    const collect = async (): Promise<void> => {
      const all = this.plane.applier.report?.listeners ?? [];
      for (const state of NODE_LISTENER_STATES)
        gauge.set({ ...this.node, state }, all.filter((listener) => listener.state === state).length);
      const asked = this.plane.driver?.counters(COUNTERS);
      this.counters = (await asked?.catch(() => undefined)) ?? [];
    };
    Object.assign(gauge, { collect });
  }

  private *counted(name: string, linesOf: Counted['lines']): Iterable<string> {
    for (const listener of this.counters)
      for (const [labels, value] of linesOf(listener))
        yield seriesLine(name, labelText({ ...this.node, ...labels }), value);
  }
}

/** Values with the labels that tell them from others of the same thing. */
type Values = readonly (readonly [Record<string, string>, number])[];

/** Targets of a listener, or of a policy pool of it. */
type Group = Pick<ListenerCounters, 'targets' | 'times'>;

function ofRequests(read: (requests: RequestCounters) => Values): Counted['lines'] {
  return function* ({ listener, requests }) {
    if (!requests) return;
    for (const [labels, value] of read(requests)) yield [{ listener, ...labels }, value];
  };
}

/** Those of a listener itself have no label `pool`: to Prometheus that is the same as an empty one. */
function eachGroup(read: (group: Group) => Values): Counted['lines'] {
  return function* ({ listener, policyPools = [], ...own }) {
    for (const [labels, value] of read(own)) yield [{ listener, ...labels }, value];
    for (const { pool, ...group } of policyPools)
      for (const [labels, value] of read(group)) yield [{ listener, pool, ...labels }, value];
  };
}

function eachTarget(read: (target: TargetCounters) => Values): Counted['lines'] {
  return eachGroup(({ targets }) =>
    targets.flatMap((target) => {
      const place = { address: target.address, port: String(target.port) };
      return read(target).map(([labels, value]) => [{ ...place, ...labels }, value] as const);
    }),
  );
}
