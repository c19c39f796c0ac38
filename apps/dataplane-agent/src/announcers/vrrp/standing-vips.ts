import { compareAddresses } from '@signalbox/contracts';
import type { StandingVip } from '../announcer.js';
import type { KeepalivedState, RouterState } from './keepalived-dump.js';

/** How the VIPs of all routers stand, in the order of addresses. */
export function standingVips(state: KeepalivedState | undefined): StandingVip[] {
  const all = (state?.routers ?? []).flatMap((router) =>
    router.vips.map(({ address, isSet }): StandingVip => {
      if (router.state === 'MASTER' && isSet) return { address, state: 'announced' };
      return { address, state: 'standby', why: reasonOf(router) };
    }),
  );
  return all.sort((a, b) => compareAddresses(a.address, b.address));
}

/** Whether a router waits for a leader: it does not say when it has heard one. */
export function seeksLeader(state: KeepalivedState | undefined): boolean {
  return (state?.routers ?? []).some((router) => router.state === 'BACKUP' && router.leader === undefined);
}

function reasonOf({ state, leader, interface: device }: RouterState): string {
  if (state === 'MASTER') return `it leads, and ${device} has lost the address`;
  if (state === 'FAULT') return `${device} is down, or has no address to speak from`;
  return leader === undefined ? 'no leader is found yet' : `the node with ${leader} leads it`;
}
