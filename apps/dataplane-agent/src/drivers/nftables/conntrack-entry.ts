import { addressKey } from '@signalbox/contracts';
import type { Place, Transport } from '../place.js';
import type { NftListener } from './nft-listener.js';

/** A flow that connection tracking knows. */
export interface TrackedFlow {
  readonly protocol: string;
  readonly client: Place;
  /** Where the client sent it. */
  readonly place: Place;
  readonly target: Place;
  /** TCP that both sides ended, or that was reset: the entry only waits to be forgotten. */
  readonly isOver: boolean;
}

const OVER: readonly string[] = ['TIME_WAIT', 'CLOSE', 'NONE'];

/** Reads what `conntrack` lists, a line each; lines of other forms are left out. */
export function trackedFlows(text: string): TrackedFlow[] {
  return text.split('\n').flatMap((line): TrackedFlow[] => {
    const [protocol = ''] = line.split(' ');
    const ends = Array.from(
      line.matchAll(/src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g),
      ([, source = '', destination = '', sourcePort, destinationPort]) => ({
        from: { address: source, port: Number(sourcePort) },
        to: { address: destination, port: Number(destinationPort) },
      }),
    );
    const [original, reply] = ends;
    if (!original || !reply) return [];
    const isOver = OVER.includes(/^\S+\s+\d+ \d+ ([A-Z_0-9]+) /.exec(line)?.[1] ?? '');
    return [{ protocol, client: original.from, place: original.to, target: reply.from, isOver }];
  });
}

/** What a flow of a listener and a target has in common with all others of these two. */
export function flowKey(protocol: Transport | string, place: Place, target: Place): string {
  return [protocol, addressKey(place.address), place.port, addressKey(target.address), target.port].join(' ');
}

/** How many flows stand, by {@link flowKey}. */
export function standingFlows(flows: readonly TrackedFlow[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { protocol, place, target, isOver } of flows) {
    if (isOver) continue;
    const key = flowKey(protocol, place, target);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Arguments of `conntrack` that pick the flows between a listener and a target. */
export function flowFilter({ protocol, listensAt }: NftListener, target: Place): readonly string[] {
  return [
    ...familyOption(listensAt.address),
    ...['-p', protocol, '--orig-dst', listensAt.address, '--orig-port-dst', String(listensAt.port)],
    ...['--reply-src', target.address, '--reply-port-src', String(target.port)],
  ];
}

export function familyOption(address: string): readonly string[] {
  return ['-f', address.includes(':') ? 'ipv6' : 'ipv4'];
}
