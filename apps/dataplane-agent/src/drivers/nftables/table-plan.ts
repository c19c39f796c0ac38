import {
  DEVICE_RULE,
  deviceChain,
  deviceHook,
  INGRESS_CHAIN,
  ingressMaps,
  ingressRules,
} from './dsr-rules.js';
import { type ListenerParts, listenerParts } from './listener-parts.js';
import type { NftListener } from './nft-listener.js';
import { timeoutOf } from './listener-rules.js';
import { type Part, PART_KINDS } from './table-part.js';
import { sharedChains, sharedSets, type TableSettings, tableVersion, VERSION_CHAIN } from './table-rules.js';

/** What brings a table to what is wanted: one transaction. */
export interface TablePlan {
  /** Commands of `nft`, a line each; empty: the table is as wanted. */
  readonly script: string;
  /** Listeners that change, come or go; 1 more when the table is made. */
  readonly writes: number;
  /** Counters go away: what they counted has to be taken before. */
  readonly losesCounters: boolean;
}

/** What the tables of a node hold, or shall hold. */
export interface TableState {
  readonly listeners: readonly NftListener[];
  /** Devices by which packets come in whose targets answer clients themselves; absent: there is no table for these. */
  readonly devices?: readonly string[];
}

/** A node without anything. */
export const NO_TABLE: TableState = { listeners: [] };

/**
 * Makes the tables anew, whatever stands: clients and counters are forgotten, flows go on. `before`: as far as anybody knows.
 */
export function wholePlan(
  table: string,
  settings: TableSettings,
  wanted: TableState,
  before: TableState = NO_TABLE,
): TablePlan {
  const shared = [
    `add table inet ${table}`,
    `delete table inet ${table}`,
    `add table inet ${table}`,
    `add chain inet ${table} ${VERSION_CHAIN} { comment "${tableVersion(settings)}"; }`,
    ...sharedSets().map(([kind, name, definition]) => `add ${kind} inet ${table} ${name} { ${definition} }`),
    ...sharedChains(settings).flatMap(({ name, hook, rules }) => [
      `add chain inet ${table} ${name}${hook === undefined ? '' : ` { ${hook}; policy accept; }`}`,
      ...rules.map((rule) => `add rule inet ${table} ${name} ${rule}`),
    ]),
  ];
  // nodes without such listeners need a kernel that knows this family as little as before
  const hasIngress = before.devices !== undefined || wanted.devices !== undefined;
  const ingress = hasIngress ? [`add table netdev ${table}`, `delete table netdev ${table}`] : [];
  const { script } = deltaPlan(table, NO_TABLE, wanted);
  return {
    script: `${[...ingress, ...shared].join('\n')}\n${script}`,
    writes: 1 + wanted.listeners.length,
    losesCounters: true,
  };
}

/** What differs between the listeners that stand and those that are wanted. */
export function deltaPlan(table: string, standing: TableState, wanted: TableState): TablePlan {
  const [before, after] = [byText(standing.listeners), byText(wanted.listeners)];
  const old = [...before].filter(([text]) => !after.has(text)).map(([, one]) => one);
  const fresh = [...after].filter(([text]) => !before.has(text)).map(([, one]) => one);
  const ingress = ingressChanges(table, standing.devices, wanted.devices);
  if (old.length + fresh.length + ingress.writes === 0)
    return { script: '', writes: 0, losesCounters: false };
  const [leaving, coming] = [old, fresh].map((list) => list.map((one) => listenerParts(one, table)));
  const kept = [...before].filter(([text]) => after.has(text)).map(([, one]) => one);
  const removed = missing(leaving!, coming!).filter((part) => !isShared(part, kept));
  const added = missing(coming!, leaving!);
  const slots = slotChanges(leaving!, coming!);
  const lines = [
    ...ingress.first,
    ...together(inOrder(removed, ['flow', 'place'], (part) => part.remove)),
    ...slots.remove,
    ...inOrder(removed, ['rules', 'chain', 'map', 'counter', 'timeout'], (part) => part.remove),
    ...inOrder(added, PART_KINDS.slice(0, 5), (part) => part.add),
    ...slots.add,
    ...together(inOrder(added, PART_KINDS.slice(5), (part) => part.add)),
    ...ingress.last,
  ];
  const changed = new Set([...old, ...fresh].map(({ name }) => name));
  return {
    script: `${lines.join('\n')}\n`,
    writes: changed.size + ingress.writes,
    losesCounters: removed.some(({ kind }) => kind === 'counter'),
  };
}

function byText(listeners: readonly NftListener[]): ReadonlyMap<string, NftListener> {
  return new Map(listeners.map((listener) => [JSON.stringify(listener), listener]));
}

/** Parts of `some` that `others` do not have, each once. */
function missing(some: readonly ListenerParts[], others: readonly ListenerParts[]): readonly Part[] {
  const keyOf = ({ kind, key }: Part): string => `${kind} ${key}`;
  const known = new Set(others.flatMap(({ parts }) => parts.map(keyOf)));
  const own = some.flatMap(({ parts }) => parts).filter((part) => !known.has(keyOf(part)));
  return [...new Map(own.map((part) => [keyOf(part), part])).values()];
}

/** Times of flows are the one thing that listeners have together: they stay as long as one needs them. */
function isShared({ kind, key }: Part, kept: readonly NftListener[]): boolean {
  return kind === 'timeout' && kept.some((listener) => timeoutOf(listener)?.name === key);
}

function inOrder(
  parts: readonly Part[],
  kinds: readonly Part['kind'][],
  commands: (part: Part) => readonly string[],
): string[] {
  return kinds.flatMap((kind) => parts.filter((part) => part.kind === kind).flatMap(commands));
}

/** Elements of one map as one command each, which `nft` reads quicker; their order among themselves is all the same. */
function together(commands: readonly string[]): string[] {
  const elements = new Map<string, string[]>();
  for (const command of commands) {
    const [where = '', element = ''] = command.slice(0, -2).split(' { ');
    const known = elements.get(where);
    if (known) known.push(element);
    else elements.set(where, [element]);
  }
  return [...elements].map(([where, all]) => `${where} { ${all.join(', ')} }`);
}

/**
 * What all listeners share whose targets answer clients themselves. Devices let go first, and take hold when all is there: packets of
 * one between go on to where they went without the table.
 */
function ingressChanges(
  table: string,
  before: TableState['devices'],
  after: TableState['devices'],
): { readonly first: readonly string[]; readonly last: readonly string[]; readonly writes: number } {
  const name = `netdev ${table}`;
  const gone = (before ?? []).filter((device) => !after?.includes(device)).map(deviceChain);
  const come = (after ?? []).filter((device) => !before?.includes(device));
  const made = [
    `add table ${name}`,
    ...ingressMaps().map(([map, definition]) => `add map ${name} ${map} { ${definition} }`),
    `add chain ${name} ${INGRESS_CHAIN}`,
    ...ingressRules().map((rule) => `add rule ${name} ${INGRESS_CHAIN} ${rule}`),
  ];
  const isMade = before === undefined && after !== undefined;
  const isRemoved = before !== undefined && after === undefined;
  return {
    first: [
      ...(isMade ? made : []),
      ...gone.flatMap((chain) => [`flush chain ${name} ${chain}`, `delete chain ${name} ${chain}`]),
    ],
    last: [
      ...come.flatMap((device) => [
        `add chain ${name} ${deviceChain(device)} { ${deviceHook(device)}; policy accept; }`,
        `add rule ${name} ${deviceChain(device)} ${DEVICE_RULE}`,
      ]),
      ...(isRemoved ? [`delete table ${name}`] : []),
    ],
    writes: isMade || isRemoved || gone.length + come.length > 0 ? 1 : 0,
  };
}

/** Slots that get another target; all of them, when most do or when the map goes. */
function slotChanges(
  leaving: readonly ListenerParts[],
  coming: readonly ListenerParts[],
): { readonly remove: readonly string[]; readonly add: readonly string[] } {
  const [remove, add]: [string[], string[]] = [[], []];
  const comingTo = new Map(coming.map(({ map, slots }) => [map, slots]));
  const leavingFrom = new Map(leaving.map(({ map, slots }) => [map, slots]));
  for (const map of new Set([...leavingFrom.keys(), ...comingTo.keys()])) {
    const [before, after] = [leavingFrom.get(map) ?? [], comingTo.get(map) ?? []];
    const length = Math.max(before.length, after.length);
    const slots = Array.from({ length }, (_none, slot) => slot).filter(
      (slot) => before[slot] !== after[slot],
    );
    const isWhole = !comingTo.has(map) || slots.length >= after.length;
    if (isWhole && before.length > 0) remove.push(`flush map ${map}`);
    const gone = slots.filter((slot) => slot < before.length);
    if (!isWhole && gone.length > 0) remove.push(`delete element ${map} { ${gone.join(', ')} }`);
    const now = (isWhole ? [...after.keys()] : slots).filter((slot) => slot < after.length);
    const elements = now.map((slot) => `${slot} : goto ${after[slot]}`);
    if (elements.length > 0) add.push(`add element ${map} { ${elements.join(', ')} }`);
  }
  return { remove, add };
}
