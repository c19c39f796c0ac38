import { describe, expect, it } from '@jest/globals';
import { formatTime } from '@signalbox/contracts';
import fc from 'fast-check';
import { registration, START_MS } from './discovery.fixture.js';
import { type ReadFact, Registrations } from './registrations.js';

const SPEC = { group: 'edge', type: 'vm.up', retractType: 'vm.down' };

function given(...facts: readonly ReadFact[]): Registrations {
  const registrations = new Registrations(SPEC, 'web');
  for (const fact of facts) registrations.take(fact);
  return registrations;
}

function down(vm: string, atMs: number, more: Partial<ReadFact['fact']> = {}): ReadFact {
  return registration(vm, 0, atMs, { type: 'vm.down', id: `down-${vm}-${atMs}`, payload: {}, ...more });
}

/** Last bytes of the addresses. */
function shown(registrations: Registrations): number[] {
  const { endpoints } = registrations.content();
  return endpoints.map(({ address }) => Number(address.split('.')[3])).sort((a, b) => a - b);
}

describe('registrations', () => {
  it('are endpoints with what they announce', () => {
    const payload = { address: '2001:db8::5', port: '443', weight: '0', tags: ' web, blue,,' };
    const { endpoints } = given(registration('a', 0, 0, { payload, dedupeKey: 'key-a' })).content();
    expect(endpoints).toEqual([
      {
        pool: 'web',
        address: '2001:db8::5',
        port: 443,
        weight: 0,
        tags: ['web', 'blue'],
        fact: { seq: 1, id: 'a-0', origin: 'edge-1', factKey: 'key:key-a', subject: 'a' },
      },
    ]);
  });

  it('end strictly after their expiry, and live on when they are renewed', () => {
    const registrations = given(registration('a', 1), registration('b', 2));
    registrations.take(registration('a', 1, 30_000));
    expect(registrations.expire(START_MS + 60_000)).toBe(false);
    expect(registrations.expire(START_MS + 60_001)).toBe(true);
    expect(shown(registrations)).toEqual([1]);
    expect(registrations.nextDueMs).toBe(START_MS + 90_001);
  });

  it('without an expiry live for the ttl after they were accepted last', () => {
    const fact = registration('a', 1, 0, {});
    const { expiresAt: _none, ...endless } = fact.fact;
    const registrations = new Registrations({ ...SPEC, ttl: '5s' }, 'web');
    registrations.take({ ...fact, fact: endless });
    registrations.take({ ...fact, fact: endless, acceptedMs: START_MS + 3000 });
    expect(registrations.nextDueMs).toBe(START_MS + 8000);
  });

  it('say whether anything changed', () => {
    const registrations = given(registration('a', 1));
    expect(registrations.take(registration('a', 1, 1000))).toBe(false);
    expect(registrations.take(registration('a', 2, 2000))).toBe(true);
    expect(registrations.take(registration('a', 1, 1000))).toBe(false);
    expect(registrations.take(registration('z', 9, 0, { type: 'other' }))).toBe(false);
    expect(shown(registrations)).toEqual([2]);
  });

  it('are ended by a retraction of the same origin with the same subject, or the same key', () => {
    const keyed = registration('b', 2, 0, { dedupeKey: 'vm-b' });
    const registrations = given(
      registration('a', 1),
      keyed,
      registration('a', 3, 0, { sourceNode: 'edge-2', id: 'x' }),
    );
    expect(registrations.take(down('a', 1000))).toBe(true);
    expect(registrations.take(down('', 1000, { dedupeKey: 'vm-b' }))).toBe(true);
    expect(shown(registrations)).toEqual([3]);
  });

  it('that are older than a retraction change nothing, newer ones do', () => {
    const registrations = given(down('a', 5000), registration('a', 1, 4000));
    expect(shown(registrations)).toEqual([]);
    registrations.take(registration('a', 1, 6000));
    expect(shown(registrations)).toEqual([1]);
  });

  it.each([
    [{ address: 'vm.example.net', port: '1' }, 'payload.address "vm.example.net" is no IP address'],
    [{ port: '1' }, 'payload.address "" is no IP address'],
    [{ address: '192.0.2.1', port: '0' }, 'payload.port "0" is no port from 1 to 65535'],
    [{ address: '192.0.2.1', port: '8e1' }, 'payload.port "8e1" is no port from 1 to 65535'],
    [
      { address: '192.0.2.1', port: '80', weight: '101' },
      'payload.weight "101" is no whole number from 0 to 100',
    ],
    [{ address: '0.0.0.0', port: '80' }, 'payload.address is '],
  ])('that name no endpoint are refused and leave what was there: %j', (payload, reason) => {
    const registrations = given(registration('a', 1), registration('a', 0, 1000, { payload }));
    expect(shown(registrations)).toEqual([1]);
    const { refused } = registrations.content();
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(`fact a-1000 of edge-1: ${reason}`);
    registrations.take(registration('a', 2, 2000));
    expect([shown(registrations), registrations.content().refused]).toEqual([[2], []]);
  });

  it('tell the newest reasons, and no more than 20', () => {
    const bad = Array.from({ length: 30 }, (_, at) => registration(`vm-${at}`, 0, at, { payload: {} }));
    const { refused } = given(...bad).content();
    expect([refused.length, refused[0]?.slice(0, 14), refused[19]?.slice(0, 14)]).toEqual([
      20,
      'fact vm-10-10 ',
      'fact vm-29-29 ',
    ]);
  });

  it('that have not all of the tags are none', () => {
    const registrations = new Registrations({ ...SPEC, tags: ['web', 'blue'] }, 'web');
    const tagged = (tags: string, atMs: number): ReadFact =>
      registration('a', 1, atMs, { payload: { address: '192.0.2.1', port: '80', tags } });
    expect(registrations.take(tagged('blue,web,x', 0))).toBe(true);
    expect(registrations.take(tagged('web', 1000))).toBe(true);
    expect(shown(registrations)).toEqual([]);
  });

  it('about another subject are none when one is named', () => {
    const registrations = new Registrations({ ...SPEC, subject: 'shop' }, 'web');
    expect(registrations.take(registration('a', 1))).toBe(false);
    expect(registrations.take(registration('shop', 2))).toBe(true);
  });

  it('live for as long after an outage as they do otherwise, and at most ten minutes more', () => {
    const day = registration('b', 2, 0, { expiresAt: formatTime(START_MS + 86_400_000) });
    const registrations = given(registration('a', 1), day);
    registrations.outageOver(START_MS + 59_000);
    expect(registrations.expire(START_MS + 119_000)).toBe(false);
    expect(registrations.expire(START_MS + 119_001)).toBe(true);
    registrations.outageOver(START_MS + 86_400_000);
    expect(registrations.nextDueMs).toBe(START_MS + 86_400_000 + 600_000);
  });

  it('of one place count once, the newest of them', () => {
    const registrations = given(
      registration('a', 1, 5000),
      registration('b', 1, 1000, { payload: { address: '192.0.2.1', port: '8080', weight: '5' } }),
    );
    expect(registrations.content().endpoints).toMatchObject([{ fact: { id: 'a-5000' } }]);
  });

  it('come out the same whatever the order in which facts are read', () => {
    const facts = fc.array(
      fc.record({
        vm: fc.constantFrom('a', 'b', 'c'),
        last: fc.integer({ min: 1, max: 5 }),
        atMs: fc.integer({ min: 0, max: 20 }).map((second) => second * 1000),
        isDown: fc.boolean(),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat()), (drawn, lots) => {
        // one origin has one fact of a lineage at a time
        const known = new Map(
          drawn.map(({ vm, last, atMs, isDown }) => {
            const fact = isDown ? down(vm, atMs) : registration(vm, last, atMs, { dedupeKey: `key-${vm}` });
            return [`${vm} ${atMs}`, fact] as const;
          }),
        );
        const inOrder = [...known.values()];
        const shuffled = inOrder
          .map((fact) => ({ fact, lot: lots.next().value ?? 0 }))
          .sort((a, b) => a.lot - b.lot)
          .map(({ fact }) => fact);
        expect(shown(given(...shuffled))).toEqual(shown(given(...inOrder)));
      }),
    );
  });
});
