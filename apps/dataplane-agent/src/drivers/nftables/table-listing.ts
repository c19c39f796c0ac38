import { VERSION_CHAIN } from './table-rules.js';
import { listenersOfInfo } from './listener-info.js';
import type { NftListener } from './nft-listener.js';

/** What a table says that stands. */
export interface StandingTable {
  /** Of what all listeners share; undefined: it is not ours, or not whole. */
  readonly version: string | undefined;
  /** Sorted by name. */
  readonly listeners: readonly NftListener[];
  /** As of `TableState`, sorted. */
  readonly devices?: readonly string[];
}

/** Lines of each chain, as `nft` lists them: comment, hook and rules. */
export type ChainLines = ReadonlyMap<string, readonly string[]>;

/** Reads the text of `nft list chains` or `nft list table`, of which only `table` of that family counts. */
export function chainLines(text: string, table: string, family: 'inet' | 'netdev' = 'inet'): ChainLines {
  const chains = new Map<string, string[]>();
  let isOurs = false;
  let current: string[] | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const opened = /^(table|chain) (.*) \{$/.exec(line);
    if (opened?.[1] === 'table') isOurs = opened[2] === `${family} ${table}`;
    else if (opened && isOurs) chains.set(opened[2]!, (current = []));
    else if (line === '}') current = undefined;
    else if (line !== '') current?.push(line);
  }
  return chains;
}

/** What stands by the chains of both tables; undefined when there is neither. */
export function standingTable(
  chains: ChainLines,
  ingress: ChainLines = new Map(),
): StandingTable | undefined {
  if (chains.size + ingress.size === 0) return undefined;
  const comments = new Map<string, string>();
  for (const [name, lines] of chains) {
    const comment = lines
      .map((line) => /^comment "(.*)"$/.exec(line)?.[1])
      .find((text) => text !== undefined);
    if (comment !== undefined) comments.set(name, comment);
  }
  const listeners = [...listenersOfInfo(comments).values()];
  return {
    version: comments.get(VERSION_CHAIN),
    listeners: listeners.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    ...(ingress.size > 0 && { devices: devicesOf(ingress) }),
  };
}

/** Devices by which packets come in. */
function devicesOf(ingress: ChainLines): readonly string[] {
  return [...ingress.values()]
    .flatMap((lines) =>
      lines.map((line) => /^type filter hook ingress device "(.+)" priority/.exec(line)?.[1]),
    )
    .filter((device) => device !== undefined)
    .sort();
}

/** Rules of a chain alone. */
export function ruleLines(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !/^(?:type .* hook |comment ")/.test(line));
}
