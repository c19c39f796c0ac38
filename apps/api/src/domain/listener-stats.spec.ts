import { describe, expect, it } from '@jest/globals';
import { type ListenerTraffic, sumOfNodes } from './listener-stats.js';

const NONE = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 };
const ONE: ListenerTraffic = {
  ...{ connections: 1, connectionsTotal: 10, refusedTotal: 2, bytesIn: 100, bytesOut: 1000 },
  requests: {
    ...{ total: 9, responses: { ...NONE, '2xx': 5, '5xx': 4 } },
    ...{ rejectedTotal: 1, brokenTotal: 2, failedTotal: 3, perSecond: 4 },
  },
};

describe('the counters of a listener on all nodes', () => {
  it('are the sums', () => {
    const { requests: _none, ...bare } = ONE;
    expect(sumOfNodes([ONE, bare, ONE])).toEqual({
      ...{ connections: 3, connectionsTotal: 30, refusedTotal: 6, bytesIn: 300, bytesOut: 3000 },
      requests: {
        ...{ total: 18, responses: { ...NONE, '2xx': 10, '5xx': 8 } },
        ...{ rejectedTotal: 2, brokenTotal: 4, failedTotal: 6, perSecond: 8 },
      },
    });
    expect(sumOfNodes([bare, bare])).not.toHaveProperty('requests');
  });

  it('are 0 where no node tells', () => {
    const zeros = { connections: 0, connectionsTotal: 0, refusedTotal: 0, bytesIn: 0, bytesOut: 0 };
    expect(sumOfNodes([])).toEqual(zeros);
  });
});
