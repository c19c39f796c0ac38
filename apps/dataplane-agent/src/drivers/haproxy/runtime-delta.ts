import { compareAddresses } from '@signalbox/contracts';
import { rowsByProxy, type ServerRow } from './answers.js';
import { serverIds, serverName } from './haproxy-names.js';
import { hasFixedServers, proxyProtocolWord } from './listener-text.js';
import { type PlacedListener, type PlacedTarget, placeText } from './placed-listener.js';
import { type ServerGroup, serverGroups } from './server-group.js';

/** Commands of the admin socket that make servers as the file has them. */
export interface RuntimeDelta {
  /** All of them have to work; in their order no listener is without a target in between that has one before and after. */
  readonly commands: readonly string[];
  /** Removes servers that nobody wants any more; one with connections stays, in maintenance, until these end. */
  readonly tidying: readonly string[];
  /** Servers are missing that only a reload brings. */
  readonly needsReload: boolean;
}

/** What differs between the servers of listeners and those that HAProxy has, of the same shape. */
export function runtimeDelta(listeners: readonly PlacedListener[], rows: readonly ServerRow[]): RuntimeDelta {
  const found = rowsByProxy(rows);
  const raising: string[] = [];
  const lowering: string[] = [];
  const tidying: string[] = [];
  let needsReload = false;
  for (const group of listeners.flatMap(serverGroups)) {
    const { proxy, targets } = group;
    const servers = new Map(found.get(proxy)?.map((row) => [row.server, row]));
    let ids: ReadonlyMap<string, number> | undefined;
    for (const target of targets) {
      const name = serverName(target);
      const row = servers.get(name);
      servers.delete(name);
      if (row) {
        (target.weight > 0 ? raising : lowering).push(...changesOf(`${proxy}/${name}`, target, row));
      } else if (hasFixedServers(group)) {
        needsReload = true;
      } else {
        ids ??= serverIds(targets);
        raising.push(...additionOf(`${proxy}/${name}`, target, ids.get(name) ?? 0, group));
      }
    }
    for (const [name, { isMaintained }] of servers) {
      if (!isMaintained) lowering.push(`set server ${proxy}/${name} state maint`);
      tidying.push(`del server ${proxy}/${name}`);
    }
  }
  return { commands: [...raising, ...lowering], tidying, needsReload };
}

function changesOf(server: string, target: PlacedTarget, row: ServerRow): string[] {
  const commands: string[] = [];
  if (!isAt(row, target)) {
    commands.push(`set server ${server} addr ${target.address} port ${target.port}`);
  }
  if (target.weight === 0 && !row.isMaintained) commands.push(`set server ${server} state maint`);
  if (row.weight !== target.weight) commands.push(`set server ${server} weight ${target.weight}`);
  if (target.weight > 0 && (row.isMaintained || row.isDrained)) {
    commands.push(`set server ${server} state ready`);
  }
  return commands;
}

function isAt(row: ServerRow, { address, port }: PlacedTarget): boolean {
  return row.port === port && (row.address === address || compareAddresses(row.address, address) === 0);
}

/** A server that is added starts in maintenance. */
function additionOf(server: string, target: PlacedTarget, id: number, group: ServerGroup): string[] {
  const told = proxyProtocolWord(group);
  const add = `add server ${server} ${placeText(target)} id ${id}${told} weight ${target.weight}`;
  return target.weight > 0 ? [add, `set server ${server} state ready`] : [add];
}
