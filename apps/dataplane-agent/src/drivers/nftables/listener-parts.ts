import { BOUNDS } from '@signalbox/contracts';
import { dsrRules } from './dsr-rules.js';
import { infoChains } from './listener-info.js';
import { type ListenerRules, listenerRules } from './listener-rules.js';
import { kernelAddress, type NftListener, type NftTarget } from './nft-listener.js';
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
import {
  chainParts,
  commentPart,
  counterPart,
  elementPart,
  heldPart,
  type Part,
  slotMapPart,
} from './table-part.js';

/** All that a listener has in the tables of a node, but for what its map of slots holds. */
export interface ListenerParts {
  readonly parts: readonly Part[];
  /** Family, table and name of the map of slots. */
  readonly map: string;
  /** Chain of each slot; empty when no target has a weight. */
  readonly slots: readonly string[];
}

/** `table`: the name that the tables of the node have in both families. */
export function listenerParts(listener: NftListener, table: string): ListenerParts {
  const rules = listenerRules(listener);
  const { id } = rules;
  const isDsr = listener.forwarding === 'dsr';
  const [inet, netdev] = [`inet ${table}`, `netdev ${table}`];
  return {
    parts: [
      counterPart(inet, refusedCounter(id)),
      ...infoChains(id, listener).map(([name, comment]) => commentPart(inet, name, comment)),
      ...[...rules.chains].flatMap(([name, lines]) => chainParts(inet, name, lines)),
      placePart(inet, id, listener),
      ...(isDsr ? dsrParts(rules, listener, netdev) : natParts(rules, listener, inet)),
    ],
    map: `${isDsr ? netdev : inet} ${slotMap(id)}`,
    slots: chainsOf(id, rules.slots?.targets ?? []),
  };
}

/** The chain of the target of each slot; its name is made once for each target, of which there are few. */
function chainsOf(id: string, slots: readonly NftTarget[]): readonly string[] {
  const names = new Map([...new Set(slots)].map((target) => [target, targetChain(id, target)]));
  return slots.map((target) => names.get(target)!);
}

/** Where packets find the listener. */
function placePart(table: string, id: string, { protocol, listensAt }: NftListener): Part {
  const at = `${protocol} . ${placeData(listensAt)}`;
  return elementPart('place', table, placeMap(listensAt.address), [at, `goto ${listenerChain(id)}`]);
}

/** What a listener has whose flows connection tracking knows. */
function natParts({ id, timeout }: ListenerRules, listener: NftListener, table: string): readonly Part[] {
  return [
    ...timeoutParts(timeout, listener, table),
    ...listener.targets
      .flatMap((target) => KINDS.map((kind) => targetCounter(kind, id, target)))
      .map((name) => counterPart(table, name)),
    slotMapPart(table, slotMap(id)),
    ...clientParts(id, listener, table),
    ...flowParts(id, listener, table),
  ];
}

/** What a listener has whose targets answer clients themselves: of a packet from them nobody here knows. */
function dsrParts({ id, slots }: ListenerRules, listener: NftListener, table: string): readonly Part[] {
  const kinds: readonly CounterKind[] =
    listener.protocol === 'tcp' ? ['flows', 'fromClients'] : ['fromClients'];
  return [
    ...listener.targets.flatMap((target) =>
      kinds.map((kind) => counterPart(table, targetCounter(kind, id, target))),
    ),
    slotMapPart(table, slotMap(id)),
    ...[...dsrRules(listener, slots)].flatMap(([name, lines]) => chainParts(table, name, lines)),
    ...(slots ? [placePart(table, id, listener)] : []),
  ];
}

const KINDS = Object.keys(COUNTER_KINDS) as CounterKind[];

function timeoutParts(timeout: ListenerRules['timeout'], { listensAt }: NftListener, table: string): Part[] {
  if (!timeout) return [];
  const { name, seconds } = timeout;
  const l3 = listensAt.address.includes(':') ? 'ip6' : 'ip';
  const policy = `policy = { unreplied : ${seconds}, replied : ${seconds} };`;
  return [
    {
      kind: 'timeout',
      key: name,
      add: [`add ct timeout ${table} ${name} { protocol udp; l3proto ${l3}; ${policy} }`],
      remove: [`delete ct timeout ${table} ${name}`],
    },
  ];
}

function clientParts(id: string, { affinityMs, listensAt, targets }: NftListener, table: string): Part[] {
  if (affinityMs === undefined) return [];
  const type = `type ipv${familySuffix(listensAt.address)}_addr;`;
  const clients = `${type} size ${BOUNDS.rememberedClients}; flags dynamic,timeout;`;
  return targets.map((target) => heldPart('set', table, clientSet(id, target), clients));
}

/** Where packets find their counters. */
function flowParts(id: string, { protocol, listensAt, targets }: NftListener, table: string): Part[] {
  const at = `${protocol} . ${kernelAddress(listensAt.address)} . ${listensAt.port}`;
  const kinds = KINDS.filter((kind) => kind !== 'failures' || protocol === 'tcp');
  return targets.flatMap((target) =>
    kinds.map((kind) =>
      elementPart('flow', table, counterMap(kind, listensAt.address), [
        `${at} . ${placeData(target)}`,
        `"${targetCounter(kind, id, target)}"`,
      ]),
    ),
  );
}
