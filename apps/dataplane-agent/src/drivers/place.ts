import type { ErrorBody, ListenerProtocol, NodeListener } from '@signalbox/contracts';

/** Where a listener listens. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** What `sim` carries. */
export type Transport = Exclude<ListenerProtocol, 'http' | 'terminated-https'>;

export function transportOf({ protocol }: Pick<NodeListener, 'protocol'>): Transport {
  return protocol === 'udp' ? 'udp' : 'tcp';
}

/** What tells the places of a node from each other: TCP and UDP have ports of their own. */
export function placeKey(transport: Transport, { address, port }: Place): string {
  return `${transport} ${address} ${port}`;
}

/** What tells the targets of a listener from each other. */
export function targetKey({ address, port }: Place): string {
  return `${address} ${port}`;
}

/** Why the system does not give a place, and what to do. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use; free it, or name another port in listenAt',
  EADDRNOTAVAIL:
    'this machine does not have the address; name one that it has in listenAt, or, for a VIP that it has only while it leads, set net.ipv4.ip_nonlocal_bind=1 or net.ipv6.ip_nonlocal_bind=1',
  EACCES: 'this process may not; name a port from 1024 in listenAt',
};

/** The refusal of a listener whose place the system did not give; `code`: of the system's error. */
export function listenFailed(listener: string, place: Place, code: string): ErrorBody {
  return refusal(listener, place, REASONS[code] ?? code);
}

/** The refusal of a listener whose place another listener has. */
export function placeTaken(listener: string, place: Place): ErrorBody {
  return refusal(listener, place, 'another listener of this node has it; name another port for one of them');
}

function refusal(listener: string, { address, port }: Place, reason: string): ErrorBody {
  return {
    code: 'listen-failed',
    message: `listener ${listener} cannot listen at ${address} port ${port}: ${reason}`,
  };
}
