import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHECKOUT } from '@signalbox/testing';
import { aListener, DSR_TARGETS, SAMPLES, TARGETS, TARGETS6 } from './nft-listener.fixture.js';
import type { NftListener } from './nft-listener.js';
import { ScriptedTable } from './scripted-table.fixture.js';
import { deltaPlan, NO_TABLE, type TableState, wholePlan } from './table-plan.js';
import { HASH_SEED } from './target-slots.js';

const GOLDEN = join(CHECKOUT, 'apps/dataplane-agent/src/drivers/nftables/nftables.golden.nft');
const TABLE = 'signalbox_edge1';
const PROXY = { keepsSource: false };
const SAMPLE_STATE: TableState = { listeners: SAMPLES, devices: ['eth0', 'eth1'] };

const only = (...listeners: readonly NftListener[]): TableState => ({ listeners });

describe('the rules of a node', () => {
  /** `UPDATE_GOLDEN=1 npm run unit -- --testPathPatterns table-plan` writes the file. */
  it('are the golden ones', () => {
    const { script } = wholePlan(TABLE, PROXY, SAMPLE_STATE);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(GOLDEN, script);
    expect(script).toBe(readFileSync(GOLDEN, 'utf8'));
  });

  it('name the seed of each hash: without it nodes would choose differently', () => {
    const hashed = SAMPLES.flatMap((sample) =>
      (['maglev', 'source-hash'] as const).map((algorithm) => aListener({ ...sample, algorithm })),
    );
    const { script } = wholePlan(TABLE, PROXY, { ...SAMPLE_STATE, listeners: hashed });
    const rules = script.split('\n').filter((line) => line.includes('jhash'));
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(rule).toMatch(new RegExp(` seed 0x${HASH_SEED.toString(16)} vmap `));
  });

  it('show targets the address of the node, or that of the client where answers come back this way', () => {
    const masquerading = (keepsSource: boolean) =>
      wholePlan(TABLE, { keepsSource }, NO_TABLE)
        .script.split('\n')
        .filter((line) => line.endsWith('masquerade'));
    for (const rule of masquerading(false)) expect(rule).toMatch(/@n[46] oifname != "lo" masquerade$/);
    for (const rule of masquerading(true)) expect(rule).toContain('fib saddr type local');
    expect(masquerading(true)).toHaveLength(4);
  });
});

describe('a change of rules', () => {
  it('is none for the same listeners, in whatever order', () => {
    expect(deltaPlan(TABLE, SAMPLE_STATE, { ...SAMPLE_STATE, listeners: [...SAMPLES].reverse() })).toEqual({
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
    const { script, writes, losesCounters } = deltaPlan(TABLE, only(before), only({ ...before, targets }));
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
    const { script, writes } = deltaPlan(
      TABLE,
      only(web!, mail!),
      only({ ...web!, algorithm: 'random' }, mail!),
    );
    expect(writes).toBe(1);
    expect(script).not.toContain('192.0.2.11');
  });

  describe('of listeners whose targets answer clients themselves', () => {
    const direct = aListener({
      forwarding: 'dsr',
      algorithm: 'maglev',
      tableSize: 251,
      targets: DSR_TARGETS,
    });
    const state = (devices: readonly string[], ...listeners: readonly NftListener[]): TableState => ({
      listeners,
      devices,
    });

    it('needs no table of netdev as long as there is none, and takes it away with the last one', () => {
      const nat = only(aListener());
      expect(wholePlan(TABLE, PROXY, nat).script).not.toContain('netdev');
      expect(deltaPlan(TABLE, NO_TABLE, nat).script).not.toContain('netdev');
      const { script } = deltaPlan(TABLE, state(['eth0'], direct), nat);
      expect(script.trim().split('\n').at(-1)).toBe(`delete table netdev ${TABLE}`);
    });

    it('never sends two packets of one client to two targets by turns', () => {
      const { script } = wholePlan(TABLE, PROXY, state(['eth0'], direct));
      const choosing = script.split('\n').filter((line) => line.startsWith(`add rule netdev ${TABLE} l_`));
      expect(choosing).toHaveLength(1);
      expect(choosing[0]).toMatch(/ jhash ip saddr \. tcp sport mod 251 seed 0x51b0 vmap @m_/);
    });

    it('follows devices that come and go, and leaves slots alone', () => {
      const { script, writes } = deltaPlan(
        TABLE,
        state(['eth0', 'eth1'], direct),
        state(['eth0', 'eth2'], direct),
      );
      expect(writes).toBe(1);
      expect(script.match(/device "eth\d"/g)).toEqual(['device "eth2"']);
      expect(script.match(/^delete chain/gm)).toHaveLength(1);
      expect(script).not.toContain('element');
    });

    it('gives no slot to a target at which nobody answers, and its slots to the others when it goes', () => {
      const gone = DSR_TARGETS.map(({ device, ...target }) =>
        device !== undefined && target.address === '10.0.0.9' ? { ...target, device } : target,
      );
      const { script } = deltaPlan(TABLE, state([], direct), state([], { ...direct, targets: gone }));
      expect(script).toMatch(/ : goto t_\w+_10\.0\.0\.9_80/);
      expect(script).not.toMatch(/ : goto t_\w+_10\.0\.0\.1[01]_80/);
      const all = wholePlan(TABLE, PROXY, state([], direct)).script;
      expect(all).not.toMatch(/ : goto t_\w+_10\.0\.0\.11_80/);
    });

    it('refuses clients when nobody answers at any of them', () => {
      const nobody = { ...direct, targets: DSR_TARGETS.map(({ device: _device, ...target }) => target) };
      const { script } = wholePlan(TABLE, PROXY, state(['eth0'], nobody));
      expect(script).not.toContain(`add element netdev ${TABLE} d4`);
      expect(script).toMatch(
        /add rule inet \S+ l_\w+ meta l4proto tcp counter name "r_\w+" reject with tcp reset/,
      );
      expect(script).toMatch(new RegExp(`add element inet ${TABLE} d4 .*: goto l_`));
    });
  });

  it('keeps the times of flows that another listener needs', () => {
    const udp = { protocol: 'udp', flowMs: 50_000 } as const;
    const [a, b] = ['a', 'b'].map((name, at) =>
      aListener({ ...udp, name, listensAt: { address: '192.0.2.10', port: 53 + at } }),
    ) as [NftListener, NftListener];
    expect(deltaPlan(TABLE, only(a, b), only(b)).script).not.toContain('delete ct timeout');
    expect(deltaPlan(TABLE, only(a, b), NO_TABLE).script.match(/delete ct timeout/g)).toHaveLength(1);
  });

  it('comes to the same table as making it anew, without an error on the way', () => {
    fc.assert(
      fc.property(states(), states(), (before, after) => {
        const changed = new ScriptedTable();
        changed.run(wholePlan(TABLE, PROXY, before).script);
        changed.run(deltaPlan(TABLE, before, after).script);
        const made = new ScriptedTable();
        made.run(wholePlan(TABLE, PROXY, after).script);
        expect(changed.contents()).toEqual(made.contents());
      }),
      { numRuns: 200 },
    );
  });
});

/** Tables of a node; those of the family netdev are there when a listener needs them. */
function states(): fc.Arbitrary<TableState> {
  const devices = fc.subarray(['eth0', 'eth1', 'br-lan']);
  return fc.tuple(listeners(), devices).map(([all, found]) => ({
    listeners: all,
    ...(all.some(({ forwarding }) => forwarding === 'dsr') && { devices: found }),
  }));
}

/** Up to four listeners at places of their own. */
function listeners(): fc.Arbitrary<NftListener[]> {
  const one = fc.record({
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    isV6: fc.boolean(),
    /** Which of its targets answer clients themselves; null: it is none of those. */
    answer: fc.option(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })),
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
      const { protocol, isV6, answer, algorithm, tableSize, affinityMs, flowMs, port, weights } = given;
      const address = isV6 ? `2001:db8::${at}` : `192.0.2.${at}`;
      if (answer && !isV6) {
        return [
          aListener({
            ...{ name: `n${at}`, address, protocol, port, listensAt: { address, port } },
            ...{ forwarding: 'dsr', algorithm: 'maglev', tableSize },
            targets: weights.map((weight, index) => {
              const { device: _device, ...target } = { ...DSR_TARGETS[index]!, weight };
              return answer[index] ? { ...target, device: 'eth1' } : target;
            }),
          }),
        ];
      }
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
