import { describe, expect, it } from '@jest/globals';
import { isDeliveryDurable, planDurable } from './peer-durable.js';
import type { WantedPeer } from './wanted-peer.js';

function peer(more: Partial<WantedPeer> = {}): WantedPeer {
  return {
    group: 'cloudedge',
    name: 'cloud',
    nodeName: 'cloud-router',
    endpoint: 'http://127.0.0.1:1',
    types: [],
    subjectPrefixes: [],
    ...more,
  };
}
const durableOf = (more: Partial<WantedPeer> = {}): string => planDurable(peer(more), []).durable;

describe('planDurable', () => {
  const current = durableOf();

  it('names a durable that a server takes', () => {
    expect(current).toMatch(/^deliver-cloudedge-cloud-[0-9a-f]{8}-[0-9a-f]{8}$/);
    expect(isDeliveryDurable(current)).toBe(true);
    expect(isDeliveryDurable('matcher')).toBe(false);
    expect(durableOf({ name: 'näme with blanks.and dots' })).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it('stays with another endpoint, secret or order of filters', () => {
    const same = peer({ endpoint: 'http://127.0.0.1:2', secretFile: 'x' });
    expect(planDurable(same, [current])).toEqual({ durable: current, obsolete: [], skipDelivered: true });
    expect(durableOf({ types: ['a', 'b'] })).toBe(durableOf({ types: ['b', 'a'] }));
  });

  it('is another one for another filter, group or name, and what was delivered still counts', () => {
    const names = [
      current,
      durableOf({ types: ['a'] }),
      durableOf({ subjectPrefixes: ['a'] }),
      durableOf({ group: 'other' }),
      durableOf({ name: 'other' }),
      durableOf({ group: 'cloudedge-cloud', name: 'x' }),
      durableOf({ name: 'cloud-x' }),
    ];
    expect(new Set(names).size).toBe(names.length);
    const narrowed = planDurable(peer({ types: ['a'] }), [current]);
    expect(narrowed).toEqual({ durable: names[1], obsolete: [current], skipDelivered: true });
  });

  it('forgets what another node got, also after a crash and with later filters', () => {
    const moved = peer({ nodeName: 'other-router' });
    const plan = planDurable(moved, [current]);
    expect(plan).toEqual({
      durable: `${durableOf(moved)}-afresh`,
      obsolete: [current],
      skipDelivered: false,
    });
    expect(planDurable(moved, [current, plan.durable])).toEqual(plan);
    expect(planDurable(moved, [plan.durable])).toEqual({ ...plan, obsolete: [] });
    const narrowed = planDurable({ ...moved, types: ['a'] }, [plan.durable]);
    expect(narrowed).toMatchObject({ obsolete: [plan.durable], skipDelivered: false });
  });

  it('leaves the durables of others alone', () => {
    const others = [durableOf({ name: 'cloud-x' }), durableOf({ name: 'x' }), 'matcher'];
    expect(planDurable(peer(), others)).toEqual({ durable: current, obsolete: [], skipDelivered: true });
  });
});
