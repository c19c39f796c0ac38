import { addressKey } from '@signalbox/contracts';

/** What the kernel says of devices, and of the way to some addresses. */
export interface LinkFacts {
  /** Ethernet devices that are up, sorted. */
  readonly devices: readonly string[];
  /** By `addressKey`; an address to which there is no way is not there. */
  readonly routes: ReadonlyMap<string, Route>;
  /** States of neighbours, by {@link neighbourKey}. */
  readonly neighbours: ReadonlyMap<string, string>;
}

/** The way of packets to an address. */
interface Route {
  readonly device: string;
  /** Not there: the address is on the same segment. */
  readonly router?: string;
  /** The address is one of this machine. */
  readonly isLocal: boolean;
}

/** How packets come to a target as they are: by a device. Or why they cannot. */
export type Way = { readonly device: string } | { readonly lack: string };

/** States in which the kernel knows the address of a neighbour on the wire; it asks anew by itself as long as packets go there. */
const KNOWN: readonly string[] = ['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP'];

/** The state of one whom the kernel is asking for just now. */
const ASKED = 'INCOMPLETE';

/** Reads what `ip -j -batch` tells, a list of JSON in each line, whatever was asked. Lines of other forms are left out. */
export function linkFacts(text: string): LinkFacts {
  const devices: string[] = [];
  const routes = new Map<string, Route>();
  const neighbours = new Map<string, string>();
  for (const entry of text.split('\n').flatMap(entriesOf)) {
    const { ifname, flags, link_type: type, dst, dev, state, gateway, via } = entry;
    if (ifname !== undefined) {
      // one with a quote cannot be told to the kernel in rules
      if (type === 'ether' && flags?.includes('UP') && !ifname.includes('"')) devices.push(ifname);
    } else if (dst !== undefined && dev !== undefined && state) {
      neighbours.set(neighbourKey(dst, dev), state[0] ?? '');
    } else if (dst !== undefined && dev !== undefined) {
      const router = gateway ?? via?.host;
      const isLocal = entry.type === 'local';
      routes.set(addressKey(dst), { device: dev, isLocal, ...(router !== undefined && { router }) });
    }
  }
  return { devices: devices.sort(), routes, neighbours };
}

/** How packets come to an address without a router between. */
export function wayTo(address: string, { devices, routes, neighbours }: LinkFacts): Way {
  const route = routes.get(addressKey(address));
  if (!route) return { lack: 'no route leads there' };
  const { device, router, isLocal } = route;
  if (isLocal) return { lack: 'it is this machine, which cannot be one of its own targets' };
  if (router !== undefined)
    return { lack: `it is behind the router ${router}, and has to be on a segment of this machine` };
  if (!devices.includes(device)) return { lack: `${device}, which leads there, is no Ethernet that is up` };
  return KNOWN.includes(neighbours.get(neighbourKey(address, device)) ?? '')
    ? { device }
    : { lack: `nobody on ${device} says that the address is theirs` };
}

/** The device on whose segment an address is, whether or not anybody answers there. */
export function segmentOf(address: string, { devices, routes }: LinkFacts): string | undefined {
  const route = routes.get(addressKey(address));
  if (!route || route.isLocal || route.router !== undefined) return undefined;
  return devices.includes(route.device) ? route.device : undefined;
}

/** Whether the kernel is asking for the address just now. */
export function isAsked(address: string, facts: LinkFacts): boolean {
  const device = segmentOf(address, facts);
  return device !== undefined && facts.neighbours.get(neighbourKey(address, device)) === ASKED;
}

/** What tells neighbours from each other. */
export function neighbourKey(address: string, device: string): string {
  return `${addressKey(address)} ${device}`;
}

/** What is read of links, neighbours and routes. */
interface Entry {
  readonly ifname?: string;
  readonly flags?: readonly string[];
  readonly link_type?: string;
  readonly type?: string;
  readonly dst?: string;
  readonly dev?: string;
  readonly state?: readonly string[];
  readonly gateway?: string;
  readonly via?: { readonly host?: string };
}

function entriesOf(line: string): readonly Entry[] {
  if (!line.startsWith('[')) return [];
  try {
    return JSON.parse(line) as readonly Entry[];
  } catch {
    return [];
  }
}
