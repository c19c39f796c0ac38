import { describe, expect, it, jest } from '@jest/globals';
import {
  addressText,
  addressValue,
  holderKey,
  isUsable,
  mayShare,
  serves,
  sizeOf,
  timestampMs,
  type VipPoolModel,
  type VipRecord,
  type VipWish,
} from '@signalbox/contracts';
import fc from 'fast-check';
import { claim, gone, pool, written } from './vip.fixture.js';
import { type VipAsk, VipGranting } from './vip-granting.js';

const QUARANTINE_MS = 60_000;
const BEGIN_MS = Date.parse('2026-11-30T08:00:00Z');

/** Small pools, so that they run out; ways in which they may be at one time. */
const POOLS: readonly (readonly VipPoolModel[])[] = [
  [
    pool('a', ['192.0.2.0/30'], { quarantine: '1m' }),
    pool('b', ['2001:db8::1-2001:db8::2'], { quarantine: '1m' }),
  ],
  [pool('a', ['192.0.2.0/29'], { quarantine: '1m' })],
  [
    pool('a', ['192.0.2.2'], { quarantine: '1m', projects: ['lab'] }),
    pool('b', ['192.0.2.3'], { quarantine: '1m' }),
  ],
  [],
];

type Step =
  | { readonly type: 'ask'; readonly asks: readonly VipAsk[] }
  | { readonly type: 'time'; readonly ms: number }
  | { readonly type: 'pools'; readonly pools: readonly VipPoolModel[] }
  /** `lost`: how many of the last messages were decided and never stored. */
  | { readonly type: 'crash'; readonly lost: boolean };

const name = fc.constantFrom('one', 'two', 'three', 'four');
const project = fc.constantFrom('default', 'lab');
const address = fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1');
const ask: fc.Arbitrary<VipAsk> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(name, project).map(([n, p]) => claim(n, {}, p)) },
  fc.tuple(name, project, fc.constantFrom('k', 'l')).map(([n, p, sharingKey]) => claim(n, { sharingKey }, p)),
  fc.tuple(name, project, address).map(([n, p, one]) => claim(n, { address: one }, p)),
  fc.tuple(name, project, fc.constantFrom('a', 'b')).map(([n, p, from]) => claim(n, { pool: from }, p)),
  fc.tuple(name, project, fc.constantFrom('ipv4', 'ipv6')).map(([n, p, family]) => claim(n, { family }, p)),
  fc.tuple(name, project, address).map(([n, p, one]) => written(n, one, p)),
  { weight: 4, arbitrary: fc.tuple(name, project).map(([n, p]) => gone(claim(n, {}, p))) },
  fc.tuple(name, project).map(([n, p]) => gone(written(n, '192.0.2.1', p))),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .uniqueArray(ask, { minLength: 1, maxLength: 4, selector: ({ key }) => key })
      .map((asks): Step => ({ type: 'ask', asks })),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: QUARANTINE_MS * 2 }).map((ms): Step => ({ type: 'time', ms })),
  },
  fc.constantFrom(...POOLS).map((pools): Step => ({ type: 'pools', pools })),
  { weight: 2, arbitrary: fc.boolean().map((lost): Step => ({ type: 'crash', lost })) },
);

/** A balancer, its stream and its config, of which a crash takes the first. */
class World {
  granting = new VipGranting();
  readonly messages: VipRecord[][] = [];
  readonly wishes = new Map<string, VipWish>();
  pools: readonly VipPoolModel[] = POOLS[0]!;
  nowMs = BEGIN_MS;

  constructor() {
    this.granting.setPools(this.pools);
  }

  do(step: Step): void {
    switch (step.type) {
      case 'ask':
        for (const { key, wish } of step.asks)
          if (wish) this.wishes.set(key, wish);
          else this.wishes.delete(key);
        return this.store(this.granting.decide(step.asks, this.nowMs));
      case 'time':
        this.nowMs += step.ms;
        return this.store(this.granting.due(this.nowMs));
      case 'pools':
        this.pools = step.pools;
        this.granting.setPools(this.pools);
        return this.store(this.granting.again(this.nowMs));
      case 'crash':
        // what was not stored was not told to anybody either
        if (step.lost) this.messages.pop();
        return this.restart();
    }
  }

  restart(): void {
    this.granting = new VipGranting();
    this.granting.restore(this.messages.flat());
    this.granting.setPools(this.pools);
    const held = [...this.granting.ledger.holders].filter((key) => !this.wishes.has(key));
    const asks = [...this.wishes].map(([key, wish]) => ({ key, wish }));
    this.store(this.granting.decide([...held.map((key) => ({ key, wish: undefined })), ...asks], this.nowMs));
    this.store(this.granting.due(this.nowMs));
  }

  private store(records: readonly VipRecord[]): void {
    this.messages.push([...records]);
  }
}

interface Holding {
  readonly key: string;
  readonly project: string;
  readonly sharing?: string;
}

/** What the records say, told by the simplest fold there is; fails where they say what must never be. */
function fold(records: readonly VipRecord[]): Map<string, readonly Holding[]> {
  const holders = new Map<string, readonly Holding[]>();
  const rests = new Map<string, { readonly last: string; readonly untilMs: number }>();
  for (const record of records) {
    if (record.type === 'freed') rests.delete(record.address);
    if (record.type === 'waiting' || record.type === 'freed') continue;
    const key = holderKey(record.holder);
    if (record.type === 'released') {
      if (record.address === undefined) continue;
      const others = (holders.get(record.address) ?? []).filter((one) => one.key !== key);
      expect(others.length > 0).toBe(record.rest === 'held');
      holders.set(record.address, others);
      if (record.until !== undefined)
        rests.set(record.address, { last: key, untilMs: timestampMs(record.until) });
      continue;
    }
    const others = (holders.get(record.address) ?? []).filter((one) => one.key !== key);
    for (const other of others) expect(mayShare(other, record)).toBe(true);
    const rest = rests.get(record.address);
    if (rest && others.length === 0)
      expect(rest.last === key || timestampMs(record.at) >= rest.untilMs).toBe(true);
    rests.delete(record.address);
    holders.set(record.address, [...others, { key, project: record.project, ...sharingOf(record) }]);
  }
  return holders;
}

function sharingOf({ sharing }: { readonly sharing?: string }): { readonly sharing?: string } {
  return sharing === undefined ? {} : { sharing };
}

function addressesOf({ usable }: VipPoolModel): string[] {
  return usable.flatMap(({ family, first, last }) =>
    Array.from({ length: Number(last - first) + 1 }, (_, at) => addressText(family, first + BigInt(at))),
  );
}

/** Every holder has what it asks for, or says why not, and that is true. */
function check(world: World): void {
  const { granting, wishes, pools, messages } = world;
  const holders = fold(messages.flat());
  const addressOf = new Map([...holders].flatMap(([one, all]) => all.map(({ key }) => [key, one] as const)));
  expect([...addressOf.keys()].filter((key) => !wishes.has(key))).toEqual([]);
  for (const [key, wish] of wishes) {
    const held = addressOf.get(key);
    expect(granting.ledger.addressOf(key)).toBe(held);
    const wait = granting.ledger.waitOf(key);
    if (held !== undefined) {
      expect(wait).toBeUndefined();
      if (wish.address !== undefined) expect(held).toBe(wish.address);
      continue;
    }
    if (wish.holder.kind === 'VipClaim') expect(wait).toBeDefined();
    if (wait?.code !== 'vip-exhausted') continue;
    const free = pools
      .filter((one) => serves(one, wish.project) && (wish.pool ?? one.name) === one.name)
      .flatMap(addressesOf)
      .filter((one) => (wish.family ?? familyIn(one)) === familyIn(one))
      .filter((one) => !granting.ledger.heldVip(one) && !granting.ledger.restingVip(one));
    expect(free).toEqual([]);
  }
}

function familyIn(one: string): string {
  return one.includes(':') ? 'ipv6' : 'ipv4';
}

jest.setTimeout(60_000);

describe('VipGranting over random histories with crashes', () => {
  it('never gives an address to two, keeps quarantine, and says why somebody has none', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        for (const one of steps) {
          world.do(one);
          check(world);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaks nothing: when everybody has gone every address can be given again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        for (const one of steps) world.do(one);
        world.do({ type: 'ask', asks: [...world.wishes.keys()].map((key) => ({ key, wish: undefined })) });
        // the default quarantine, for addresses whose pool went
        world.do({ type: 'time', ms: QUARANTINE_MS * 10 });
        expect([...world.granting.ledger.holders]).toEqual([]);
        expect([...world.granting.ledger.atRest]).toEqual([]);
        const now = POOLS[0]!;
        world.do({ type: 'pools', pools: now });
        const total = now.reduce((sum, one) => sum + Number(sizeOf(one)), 0);
        const asks = Array.from({ length: total }, (_, at) => claim(`last-${at}`));
        world.do({ type: 'ask', asks });
        const given = asks.map(({ key }) => world.granting.ledger.addressOf(key)!);
        expect(new Set(given).size).toBe(total);
        for (const one of given) expect(now.some((from) => isUsable(from, one))).toBe(true);
        for (const one of given) expect(addressValue(one)).toBeGreaterThan(0n);
      }),
      { numRuns: 300 },
    );
  });
});
