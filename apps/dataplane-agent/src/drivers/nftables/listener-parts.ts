import { BOUNDS } from '@signalbox/contracts';
import { infoChains } from './listener-info.js';
import { type ListenerRules, listenerRules } from './listener-rules.js';
import { kernelAddress, type NftListener } from './nft-listener.js';
import {
  clientSet,
  COUNTER_KINDS,
  type CounterKind,
  counterMap,
  familySuffix,
  listenerChain,
  placeMap,
  refusedCounter,
  slotMap,
  targetChain,
  targetCounter,
} from './nft-names.js';
import { placeData } from './nft-place.js';

/** Kinds of parts in the order in which they can be added; they are removed in the reverse order. */
export const PART_KINDS = ['timeout', 'counter', 'map', 'chain', 'rules', 'place', 'flow'] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** One thing that a listener has in the table; two parts of one key are the same. */
export interface Part {
  readonly kind: PartKind;
  readonly key: string;
  /** Commands of `nft`. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** All that a listener has in a table, but for what its map of slots holds. */
export interface ListenerParts {
  readonly rules: ListenerRules;
  readonly parts: readonly Part[];
  /** Chain of each slot; empty when no target has a weight. */
  readonly slots: readonly string[];
}

export function listenerParts(listener: NftListener, table: string): ListenerParts {
  const rules = listenerRules(listener);
  const { id } = rules;
  const parts = [
    ...timeoutParts(rules, listener, table),
    ...counterParts(id, listener, table),
    ...mapParts(id, listener, table),
    ...chainParts(rules, listener, table),
    ...elementParts(id, listener, table),
  ];
  return { rules, parts, slots: rules.slots?.targets.map((target) => targetChain(id, target)) ?? [] };
}

function timeoutParts({ timeout }: ListenerRules, { listensAt }: NftListener, table: string): Part[] {
  if (!timeout) return [];
  const { name, seconds } = timeout;
  const l3 = listensAt.address.includes(':') ? 'ip6' : 'ip';
  const policy = `policy = { unreplied : ${seconds}, replied : ${seconds} };`;
  return [
    {
      kind: 'timeout',
      key: name,
      add: [`add ct timeout inet ${table} ${name} { protocol udp; l3proto ${l3}; ${policy} }`],
      remove: [`delete ct timeout inet ${table} ${name}`],
    },
  ];
}

function counterParts(id: string, { targets }: NftListener, table: string): Part[] {
  const kinds = Object.keys(COUNTER_KINDS) as CounterKind[];
  const names = targets.flatMap((target) => kinds.map((kind) => targetCounter(kind, id, target)));
  return [refusedCounter(id), ...names].map((name) => ({
    kind: 'counter',
    key: name,
    add: [`add counter inet ${table} ${name}`],
    remove: [`delete counter inet ${table} ${name}`],
  }));
}

function mapParts(id: string, { affinityMs, listensAt, targets }: NftListener, table: string): Part[] {
  const slots = held('map', table, slotMap(id), 'typeof numgen inc mod 2 : verdict;');
  if (affinityMs === undefined) return [slots];
  const type = `type ipv${familySuffix(listensAt.address)}_addr;`;
  const clients = `${type} size ${BOUNDS.rememberedClients}; flags dynamic,timeout;`;
  return [slots, ...targets.map((target) => held('set', table, clientSet(id, target), clients))];
}

function held(word: 'map' | 'set', table: string, name: string, definition: string): Part {
  return {
    kind: 'map',
    key: name,
    add: [`add ${word} inet ${table} ${name} { ${definition} }`],
    remove: [`delete ${word} inet ${table} ${name}`],
  };
}

function chainParts({ id, chains }: ListenerRules, listener: NftListener, table: string): Part[] {
  const info = infoChains(id, listener).map(([name, comment]): Part => ({
    kind: 'chain',
    key: `${name} ${comment}`,
    add: [`add chain inet ${table} ${name} { comment "${comment}"; }`],
    remove: [`delete chain inet ${table} ${name}`],
  }));
  const own = [...chains].flatMap(([name, lines]): Part[] => [
    {
      kind: 'chain',
      key: name,
      add: [`add chain inet ${table} ${name}`],
      remove: [`delete chain inet ${table} ${name}`],
    },
    {
      kind: 'rules',
      key: [name, ...lines].join('\n'),
      add: lines.map((line) => `add rule inet ${table} ${name} ${line}`),
      remove: [`flush chain inet ${table} ${name}`],
    },
  ]);
  return [...info, ...own];
}

/** Where new flows find the listener, and packets their counters. */
function elementParts(id: string, listener: NftListener, table: string): Part[] {
  const { protocol, listensAt, targets } = listener;
  const at = `${protocol} . ${kernelAddress(listensAt.address)} . ${listensAt.port}`;
  const kinds = Object.keys(COUNTER_KINDS) as CounterKind[];
  const flows = targets.flatMap((target) =>
    kinds
      .filter((kind) => kind !== 'failures' || protocol === 'tcp')
      .map((kind) =>
        element(
          'flow',
          `inet ${table} ${counterMap(kind, listensAt.address)}`,
          `${at} . ${placeData(target)}`,
          `"${targetCounter(kind, id, target)}"`,
        ),
      ),
  );
  return [
    element('place', `inet ${table} ${placeMap(listensAt.address)}`, at, `goto ${listenerChain(id)}`),
    ...flows,
  ];
}

function element(kind: PartKind, where: string, key: string, value: string): Part {
  return {
    kind,
    key: `${where} ${key} ${value}`,
    add: [`add element ${where} { ${key} : ${value} }`],
    remove: [`delete element ${where} { ${key} }`],
  };
}
