import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { infoChains, listenersOfInfo } from './listener-info.js';
import { listenerRules } from './listener-rules.js';
import { aListener, DSR_TARGETS, SAMPLES } from './nft-listener.fixture.js';
import type { NftListener } from './nft-listener.js';
import { ingressStands, listenerStands, placesOf, sharesStand, type StandingRules } from './table-check.js';
import { type ChainLines, chainLines, standingTable } from './table-listing.js';
import { deviceChain, deviceHook, DEVICE_RULE, dsrRules, INGRESS_CHAIN, ingressRules } from './dsr-rules.js';
import { targetSlots } from './target-slots.js';
import { sharedChains } from './table-rules.js';

const PROXY = { keepsSource: false };

/** As `nft list table` would tell it. */
function listing(listeners: readonly NftListener[], table = 'signalbox_edge1'): string {
  const chain = (name: string, lines: readonly string[]) =>
    [`\tchain ${name} {`, ...lines.map((line) => `\t\t${line}`), '\t}', ''].join('\n');
  const chains = [
    chain('version', ['comment "0123"']),
    ...sharedChains(PROXY).map(({ name, hook, rules }) =>
      chain(name, [...(hook === undefined ? [] : [`${hook}; policy accept;`]), ...rules]),
    ),
    ...listeners.flatMap((listener) => {
      const { id, chains: own } = listenerRules(listener);
      return [
        ...infoChains(id, listener).map(([name, comment]) => chain(name, [`comment "${comment}"`])),
        ...[...own].map(([name, lines]) => chain(name, lines)),
      ];
    }),
  ];
  return `table inet ${table} {\n\tset k4 {\n\t\ttype ipv4_addr\n\t}\n\n${chains.join('\n')}}\n`;
}

const PLACES = `table inet signalbox_edge1 {
	map d4 {
		type inet_proto . ipv4_addr . inet_service : verdict
		elements = { tcp . 192.0.2.10 . 80 : goto l_${listenerRules(aListener()).id} }
	}
}
`;

describe('what the kernel says that stands', () => {
  it('is what it was made from, whatever is in names', () => {
    const long = aListener({ name: `${'x'.repeat(300)}"%{}\\'\n\u00e4\u{1f310}\\"` });
    const { listeners, version } = standingTable(chainLines(listing([...SAMPLES, long]), 'signalbox_edge1'))!;
    expect(listeners).toEqual([...SAMPLES, long]);
    expect(version).toBe('0123');
  });

  it('is nothing without a table, and nothing of the tables of others', () => {
    expect(standingTable(chainLines('', 'signalbox_edge1'))).toBeUndefined();
    const text = listing([aListener()], 'signalbox_edge2') + listing([], 'signalbox_edge1');
    expect(standingTable(chainLines(text, 'signalbox_edge1'))?.listeners).toEqual([]);
  });

  it('leaves out a listener of which a part is missing', () => {
    const text = listing([aListener()]).replace(/\tchain i_\w+_1 \{\n.*\n\t\}\n/, '');
    expect(standingTable(chainLines(text, 'signalbox_edge1'))?.listeners).toEqual([]);
  });
});

describe('what a listener was made from', () => {
  it('is read from comments as it was written, and these are what the kernel takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const listener = aListener({ name });
        const chains = infoChains('0123', listener);
        for (const [, comment] of chains) expect(comment).toMatch(/^[ !#-~]{1,120}$/);
        expect(listenersOfInfo(new Map([...chains].reverse())).get('0123')).toEqual(listener);
      }),
    );
  });
});

describe('whether rules are as they were made', () => {
  const chainsOf = (text: string) => chainLines(text, 'signalbox_edge1');
  const whole = listing([aListener()]);
  const nothing: StandingRules['netdev'] = { chains: new Map(), places: new Set() };
  const rules = (chains: ChainLines, places = placesOf(PLACES)): StandingRules => ({
    inet: { chains, places },
    netdev: nothing,
  });

  it('holds of what was not touched', () => {
    expect(sharesStand(chainsOf(whole), PROXY)).toBe(true);
    expect(listenerStands(aListener(), rules(chainsOf(whole)))).toBe(true);
  });

  it.each<[string, (text: string) => string]>([
    ['a target is another', (text) => text.replace('dnat ip to 10.0.0.9:8080', 'dnat ip to 10.0.0.66:8080')],
    ['a rule is gone', (text) => text.replace(/\t\tnumgen.*\n/, '')],
    ['a rule came', (text) => text.replace(/(\t\tnumgen)/, '\t\taccept\n$1')],
    ['a chain is gone', (text) => text.replace(/\tchain t_\w+_10\.0\.0\.9_8080 \{\n.*\n\t\}\n/, '')],
  ])('does not hold when %s', (_what, change) => {
    const changed = change(whole);
    expect(changed).not.toBe(whole);
    expect(listenerStands(aListener(), rules(chainsOf(changed)))).toBe(false);
  });

  it('holds without a look at rules as long as chains are there', () => {
    const bare = chainsOf(whole.replaceAll(/\t\t(?!type|comment).*\n/g, ''));
    expect([sharesStand(bare, PROXY), sharesStand(bare, PROXY, false)]).toEqual([false, true]);
    expect(listenerStands(aListener(), rules(bare))).toBe(false);
    expect(listenerStands(aListener(), rules(bare), false)).toBe(true);
    bare.forEach((_lines, name) => {
      const fewer = new Map([...bare].filter(([one]) => one !== name));
      const isTold = !sharesStand(fewer, PROXY, false) || !listenerStands(aListener(), rules(fewer), false);
      expect({ name, isTold }).toEqual({ name, isTold: !/^(?:version|i_.*)$/.test(name) });
    });
  });

  it('does not hold when nothing leads to the listener', () => {
    expect(listenerStands(aListener(), rules(chainsOf(whole), placesOf('')))).toBe(false);
    const elsewhere = placesOf(PLACES.replace('. 80 :', '. 81 :'));
    expect(listenerStands(aListener(), rules(chainsOf(whole), elsewhere))).toBe(false);
  });

  it.each<[string, (text: string) => string]>([
    ['a chain is gone', (text) => text.replace(/\tchain choose_output \{\n(?:\t\t.*\n)*\t\}\n/, '')],
    [
      'a chain is called no more',
      (text) => text.replace('type nat hook output priority -100; policy accept;', ''),
    ],
    ['a rule is gone', (text) => text.replace(/\t\tmeta l4proto \. ip daddr.*\n/, '')],
  ])('of what all share does not hold when %s', (_what, change) => {
    const changed = change(whole);
    expect(changed).not.toBe(whole);
    expect(sharesStand(chainsOf(changed), PROXY)).toBe(false);
  });
});

describe('whether rules of listeners whose targets answer clients themselves are as they were made', () => {
  const direct = aListener({ forwarding: 'dsr', algorithm: 'maglev', tableSize: 13, targets: DSR_TARGETS });
  const way = `tcp . 192.0.2.10 . 80 : goto l_${listenerRules(direct).id}`;
  const places = new Set([way]);
  /** As `nft list table netdev` would tell it. */
  const ingress = (): string => {
    const chain = (name: string, lines: readonly string[]) =>
      [`\tchain ${name} {`, ...lines.map((line) => `\t\t${line}`), '\t}', ''].join('\n');
    return `table netdev signalbox_edge1 {\n${[
      chain(INGRESS_CHAIN, ingressRules()),
      chain(deviceChain('eth0'), [`${deviceHook('eth0')}; policy accept;`, DEVICE_RULE]),
      ...[...dsrRules(direct, targetSlots(direct))].map(([name, lines]) => chain(name, lines)),
    ].join('\n')}}\n`;
  };
  const netdev = (text: string) => chainLines(text, 'signalbox_edge1', 'netdev');
  const inet = chainLines(listing([direct]), 'signalbox_edge1');
  const stands = (text: string, way4 = places) =>
    listenerStands(direct, {
      inet: { chains: inet, places },
      netdev: { chains: netdev(text), places: way4 },
    });
  const shares = (text: string) =>
    ingressStands(netdev(text), { version: '', listeners: [direct], devices: ['eth0'] });

  it('holds of what was not touched, and of no table where none is needed', () => {
    expect([stands(ingress()), shares(ingress())]).toEqual([true, true]);
    expect(ingressStands(new Map(), { version: '', listeners: [aListener()] })).toBe(true);
    expect(ingressStands(new Map(), { version: '', listeners: [direct] })).toBe(false);
    expect(ingressStands(netdev(ingress()), { version: '', listeners: [], devices: ['eth0'] })).toBe(false);
  });

  it('is read with the devices, in the table of that family alone', () => {
    const text = listing([direct]) + ingress();
    expect(standingTable(chainLines(text, 'signalbox_edge1'), netdev(text))).toEqual({
      version: '0123',
      listeners: [direct],
      devices: ['eth0'],
    });
    expect(standingTable(new Map(), netdev(ingress()))).toEqual({
      version: undefined,
      listeners: [],
      devices: ['eth0'],
    });
  });

  it.each<[string, (text: string) => string]>([
    ['a target is another', (text) => text.replace('fwd ip to 10.0.0.9', 'fwd ip to 10.0.0.66')],
    ['its device is another', (text) => text.replace('device "eth1"', 'device "eth7"')],
    ['a rule is gone', (text) => text.replace(/\t\ttcp flags.*\n/, '')],
    ['slots are no longer asked for', (text) => text.replace(/vmap @m_/, 'vmap @x_')],
  ])('does not hold when %s', (_what, change) => {
    const changed = change(ingress());
    expect(changed).not.toBe(ingress());
    expect(stands(changed)).toBe(false);
  });

  it('does not hold when nothing leads to the listener', () => {
    expect(stands(ingress(), new Set())).toBe(false);
  });

  it.each<[string, (text: string) => string]>([
    ['packets of a device are not looked at', (text) => text.replace(`\t\t${DEVICE_RULE}\n`, '')],
    ['a rule came', (text) => text.replace(/(\tchain choose \{\n)/, '$1\t\taccept\n')],
  ])('of what all share does not hold when %s', (_what, change) => {
    const changed = change(ingress());
    expect(changed).not.toBe(ingress());
    expect(shares(changed)).toBe(false);
  });
});
