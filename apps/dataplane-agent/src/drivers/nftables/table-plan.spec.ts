import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHECKOUT } from '@signalbox/testing';
import { aListener, SAMPLES, TARGETS, TARGETS6 } from './nft-listener.fixture.js';
import type { NftListener } from './nft-listener.js';
import { ScriptedTable } from './scripted-table.fixture.js';
import { deltaPlan, wholePlan } from './table-plan.js';
import { HASH_SEED } from './target-slots.js';

const GOLDEN = join(CHECKOUT, 'apps/dataplane-agent/src/drivers/nftables/nftables.golden.nft');
const TABLE = 'signalbox_edge1';
const PROXY = { keepsSource: false };

describe('the rules of a node', () => {
  /** `UPDATE_GOLDEN=1 npm run unit -- --testPathPatterns table-plan` writes the file. */
  it('are the golden ones', () => {
    const { script } = wholePlan(TABLE, PROXY, SAMPLES);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(GOLDEN, script);
    expect(script).toBe(readFileSync(GOLDEN, 'utf8'));
  });

  it('name the seed of each hash: without it nodes would choose differently', () => {
    const hashed = SAMPLES.flatMap((sample) =>
      (['maglev', 'source-hash'] as const).map((algorithm) => aListener({ ...sample, algorithm })),
    );
    const { script } = wholePlan(TABLE, PROXY, hashed);
    const rules = script.split('\n').filter((line) => line.includes('jhash'));
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(rule).toMatch(new RegExp(` seed 0x${HASH_SEED.toString(16)} vmap `));
  });

  it('show targets the address of the node, or that of the client where answers come back this way', () => {
    const masquerading = (keepsSource: boolean) =>
      wholePlan(TABLE, { keepsSource }, [])
        .script.split('\n')
        .filter((line) => line.endsWith('masquerade'));
    for (const rule of masquerading(false)) expect(rule).toMatch(/@n[46] oifname != "lo" masquerade$/);
    for (const rule of masquerading(true)) expect(rule).toContain('fib saddr type local');
    expect(masquerading(true)).toHaveLength(4);
  });
});

describe('a change of rules', () => {
  it('is none for the same listeners, in whatever order', () => {
    expect(deltaPlan(TABLE, SAMPLES, [...SAMPLES].reverse())).toEqual({
      script: '',
      writes: 0,
      losesCounters: false,
    });
  });

  it('of weights leaves rules and counters, and moves only the slots that change hands', () => {
    const before = aListener({ algorithm: 'maglev', tableSize: 251 });
    const targets = TARGETS.map((target) => ({
      ...target,
      weight: target.weight === 30 ? 40 : target.weight,
    }));
    const { script, writes, losesCounters } = deltaPlan(TABLE, [before], [{ ...before, targets }]);
    expect({ writes, losesCounters }).toEqual({ writes: 1, losesCounters: false });
    const lines = script.split('\n').filter((line) => line !== '' && !line.includes(' i_'));
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'delete element',
      'add element',
    ]);
    const moved = lines[1]!.split(',').length;
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(251 / 4);
  });

  it('leaves the other listeners alone', () => {
    const [web, mail] = [
      aListener(),
      aListener({ name: 'mail', listensAt: { address: '192.0.2.11', port: 25 } }),
    ];
    const { script, writes } = deltaPlan(TABLE, [web, mail], [{ ...web, algorithm: 'random' }, mail]);
    expect(writes).toBe(1);
    expect(script).not.toContain('192.0.2.11');
  });

  it('keeps the times of flows that another listener needs', () => {
    const udp = { protocol: 'udp', flowMs: 50_000 } as const;
    const [a, b] = ['a', 'b'].map((name, at) =>
      aListener({ ...udp, name, listensAt: { address: '192.0.2.10', port: 53 + at } }),
    ) as [NftListener, NftListener];
    expect(deltaPlan(TABLE, [a, b], [b]).script).not.toContain('delete ct timeout');
    expect(deltaPlan(TABLE, [a, b], []).script.match(/delete ct timeout/g)).toHaveLength(1);
  });

  it('comes to the same table as making it anew, without an error on the way', () => {
    fc.assert(
      fc.property(listeners(), listeners(), (before, after) => {
        const changed = new ScriptedTable();
        changed.run(wholePlan(TABLE, PROXY, before).script);
        changed.run(deltaPlan(TABLE, before, after).script);
        const made = new ScriptedTable();
        made.run(wholePlan(TABLE, PROXY, after).script);
        expect(changed.contents()).toEqual(made.contents());
      }),
      { numRuns: 100 },
    );
  });
});

/** Up to four listeners at places of their own. */
function listeners(): fc.Arbitrary<NftListener[]> {
  const one = fc.record({
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    isV6: fc.boolean(),
    algorithm: fc.constantFrom('round-robin' as const, 'random' as const, 'maglev' as const),
    tableSize: fc.constantFrom(7, 13),
    affinityMs: fc.constantFrom(undefined, 1_000, 60_000),
    flowMs: fc.constantFrom(0, 1_500, 40_000),
    port: fc.constantFrom(80, 81),
    weights: fc.array(fc.constantFrom(0, 10, 20, 33), { maxLength: 3 }),
  });
  return fc.array(fc.option(one), { maxLength: 4 }).map((made) =>
    made.flatMap((given, at): NftListener[] => {
      if (!given) return [];
      const { protocol, isV6, algorithm, tableSize, affinityMs, flowMs, port, weights } = given;
      const address = isV6 ? `2001:db8::${at}` : `192.0.2.${at}`;
      const all = isV6 ? [...TARGETS6, { address: '2001:db8::3', port: 53, weight: 0 }] : TARGETS;
      return [
        aListener({
          ...{ name: `n${at}`, address, protocol, port, listensAt: { address, port }, algorithm },
          ...(algorithm === 'maglev' && { tableSize }),
          ...(affinityMs !== undefined && { affinityMs }),
          ...(protocol === 'udp' && { flowMs }),
          targets: weights.map((weight, index) => ({ ...all[index]!, weight })),
        }),
      ];
    }),
  );
}
