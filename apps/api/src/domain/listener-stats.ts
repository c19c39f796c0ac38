import { type ListenerCounters, type RequestCounters, RESPONSE_CLASSES } from '@signalbox/contracts';

/** What counters of several nodes add up to: of their listener, not of its targets, which are the same ones for all. */
export type ListenerTraffic = Omit<ListenerCounters, 'listener' | 'targets' | 'times' | 'policyPools'>;

/** The counters of a listener on all of its nodes together; requests as soon as one of them counts these. */
export function sumOfNodes(nodes: readonly ListenerTraffic[]): ListenerTraffic {
  const sum = (read: (one: ListenerTraffic) => number): number => added(nodes.map(read));
  const requests = nodes.flatMap((one) => one.requests ?? []);
  return {
    connections: sum(({ connections }) => connections),
    connectionsTotal: sum(({ connectionsTotal }) => connectionsTotal),
    refusedTotal: sum(({ refusedTotal }) => refusedTotal),
    bytesIn: sum(({ bytesIn }) => bytesIn),
    bytesOut: sum(({ bytesOut }) => bytesOut),
    ...(requests.length > 0 && { requests: sumOfRequests(requests) }),
  };
}

function sumOfRequests(all: readonly RequestCounters[]): RequestCounters {
  const sum = (read: (one: RequestCounters) => number): number => added(all.map(read));
  const responses = RESPONSE_CLASSES.map((name) => [name, sum((one) => one.responses[name])]);
  return {
    total: sum(({ total }) => total),
    responses: Object.fromEntries(responses) as RequestCounters['responses'],
    rejectedTotal: sum(({ rejectedTotal }) => rejectedTotal),
    brokenTotal: sum(({ brokenTotal }) => brokenTotal),
    failedTotal: sum(({ failedTotal }) => failedTotal),
    perSecond: sum(({ perSecond }) => perSecond),
  };
}

function added(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
