// Who is where in the world of load-balancing nodes. Addresses are those of documentation (RFC 5737) and of measurements (RFC 2544).

/** The VIPs come from here. */
export const VIP_PREFIX = '192.0.2.0/24';
export const VIP = '192.0.2.10';
export const PORT = 80;

/** AS of the router, and that of the nodes. */
export const ASN = { router: 64_500, nodes: 64_501 };

/** Numbers of the last byte, on the segment and, for nodes, in the network of the site too. */
const PLACES = { router: 1, t1: 11, t2: 12, t3: 13, n1: 21, n2: 22, site: 254 };

export const NODES = ['n1', 'n2'];
export const TARGETS = ['t1', 't2', 't3'];
/** Every machine of the world, and the switches of its two networks. */
export const MACHINES = ['segment', 'management', 'router', 'client', ...NODES, ...TARGETS];

/** The link between the client and its router. */
export const CLIENT_LINK = { client: '198.51.100.2', router: '198.51.100.1' };

/** Devices of machines, by the network they lead to. */
export const DEVICES = { segment: 'seg0', management: 'man0' };

/** BFD of the goals: three packets of 100 ms. */
export const BFD = { intervalMs: 100, multiplier: 3 };

/** Address of a machine on the segment of world `k`, where routers, nodes and targets are. */
export function onSegment(k, name) {
  return `198.18.${k}.${PLACES[name]}`;
}

/** Address of a node, or of the site, in the network by which the site tells nodes what to do. */
export function onManagement(k, name) {
  return `198.19.${k}.${PLACES[name]}`;
}
