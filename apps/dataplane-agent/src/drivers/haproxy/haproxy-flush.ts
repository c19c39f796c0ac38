import type { FlushRequest } from '../driver.js';
import { sessionIds, statRows } from './answers.js';
import type { Expiry } from './expiry.js';
import type { HaproxyControl } from './haproxy-control.js';
import { poolProxyName, proxyName, serverName } from './haproxy-names.js';

/** Looks at a server whose sessions were cut, until it has none: one with a weight gets new ones meanwhile. */
const MOST_LOOKS = 40;

/** Cuts what one target has in every process, and forgets the clients that belong to it; says how many were cut. */
export async function flushTarget(
  control: HaproxyControl,
  { listener, pool, target }: FlushRequest,
  expiry: Expiry,
): Promise<number> {
  const proxy = pool === undefined ? proxyName(listener) : poolProxyName(listener, pool);
  const server = serverName(target);
  const table = await control.processes(expiry);
  let cut = await flushServing(control, proxy, server, expiry);
  for (const pid of table?.oldWorkers ?? []) cut += await flushOld(control, pid, proxy, server, expiry);
  return cut;
}

async function flushServing(
  control: HaproxyControl,
  proxy: string,
  server: string,
  expiry: Expiry,
): Promise<number> {
  const before = await sessionsOf(control, proxy, server, expiry);
  if (!before) return 0;
  await control.tell(
    [`shutdown sessions server ${proxy}/${server}`, `clear table ${proxy} data.server_id eq ${before.id}`],
    expiry,
  );
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const now = await sessionsOf(control, proxy, server, expiry);
    if (!now || now.sessions === 0) break;
    await expiry.pause('HAProxy to cut connections');
  }
  return before.sessions;
}

/** Sessions of a server of the worker that serves; undefined when it has no such server. */
async function sessionsOf(
  control: HaproxyControl,
  proxy: string,
  server: string,
  expiry: Expiry,
): Promise<{ readonly id: string; readonly sessions: number } | undefined> {
  // 4: servers, -1: all of them
  const answer = await control.tell([`show stat ${proxy} 4 -1`], expiry);
  const row = statRows(answer).find((cell) => cell('svname') === server);
  return row && { id: row('sid'), sessions: Number(row('scur')) };
}

/** A worker that a reload ended knows its sections no more, so `shutdown sessions server` fails there: it is told of each session. */
async function flushOld(
  control: HaproxyControl,
  pid: number,
  proxy: string,
  server: string,
  expiry: Expiry,
): Promise<number> {
  const ids = sessionIds(await control.tellWorker(pid, ['show sess'], expiry), proxy, server);
  await control.tellWorker(
    pid,
    ids.map((id) => `shutdown session ${id}`),
    expiry,
  );
  return ids.length;
}
