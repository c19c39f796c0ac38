import type { StandingVip } from '../announcer.js';
import type { BgpRoute } from '../bgp/bgp-routes.js';
import { TABLE } from './gobgp-calls.js';
import { type GobgpPath, pathOf, pathText } from './gobgp-path.js';

/** What is to be done to routes. */
export interface GobgpTurn {
  /** Before the policies change. */
  readonly withdrawn: readonly GobgpPath[];
  /** After that. */
  readonly announced: readonly GobgpPath[];
  /** A route that stays has new peers, which only a session that is told all again tells. */
  readonly isToldAgain: boolean;
}

/**
 * What leads from the routes that stand to the wanted ones. gobgpd asks its policies when it tells a route, and never takes one back because of
 * them: a route that some peer shall lose is withdrawn and announced again. `told`: who has which, while the policies change.
 */
export function planTurn(
  standing: ReadonlyMap<string, GobgpPath>,
  routes: readonly BgpRoute[],
  told: readonly StandingVip[],
): GobgpTurn {
  const wanted = new Map(routes.map((route) => [route.address, route]));
  const toldTo = new Map(told.map(({ address, to = [] }) => [address, to]));
  const withdrawn = new Map<string, GobgpPath>();
  let isToldAgain = false;
  for (const [address, path] of standing) {
    const peers = wanted.get(address)?.peers ?? [];
    const before = toldTo.get(address) ?? [];
    if (!wanted.has(address) || before.some((name) => !peers.includes(name))) withdrawn.set(address, path);
    else if (toldTo.has(address) && peers.some((name) => !before.includes(name))) isToldAgain = true;
  }
  const announced = [...wanted].flatMap(([address, route]) => {
    const path = pathOf(route);
    const stands = withdrawn.has(address) ? undefined : standing.get(address);
    return stands && pathText(stands) === pathText(path) ? [] : [path];
  });
  return { withdrawn: [...withdrawn.values()], announced, isToldAgain };
}

export function addRequest(path: GobgpPath): object {
  return { tableType: TABLE.global, path };
}

export function deleteRequest({ nlri, family, pattrs }: GobgpPath): object {
  return { tableType: TABLE.global, family, path: { nlri, family, pattrs } };
}
