// Puts the machines of a world on its two switches and behind its router.
import { CLIENT_LINK, DEVICES, NODES, onManagement, onSegment, TARGETS, VIP } from './plan.mjs';

/** A machine that was cut off is known on its port all the same: nothing of it comes out anywhere else meanwhile. Centiseconds. */
const AGEING = 100_000;

/** Makes every link and address of world `namespaces.number`, and gives the names of our own devices. */
export function wire(namespaces) {
  const k = namespaces.number;
  for (const machine of ['segment', 'management'])
    namespaces.ip(machine, `link add br0 type bridge ageing_time ${AGEING}`);
  for (const machine of ['segment', 'management']) namespaces.ip(machine, 'link set br0 up');
  const own = { segment: `sbha${k}s`, management: `sbha${k}m` };
  for (const machine of ['router', ...NODES, ...TARGETS])
    plug(namespaces, 'segment', machine, onSegment(k, machine));
  for (const node of NODES) plug(namespaces, 'management', node, onManagement(k, node));
  plug(namespaces, 'segment', undefined, onSegment(k, 'site'), own.segment);
  plug(namespaces, 'management', undefined, onManagement(k, 'site'), own.management);
  joinClient(namespaces);
  for (const target of TARGETS) {
    namespaces.ip(target, `addr add ${VIP}/32 dev lo`);
    namespaces.ip(target, `route add default via ${onSegment(k, 'router')}`);
    // the VIP is the nodes' on the segment
    namespaces.sysctl(target, { 'ipv4/conf/all/arp_ignore': 1, 'ipv4/conf/all/arp_announce': 2 });
  }
  return own;
}

/** Clients are spread by addresses and ports, as routers of data centres do. */
function joinClient(namespaces) {
  const peer = `peer name rtr0 netns ${namespaces.nameOf('client')}`;
  namespaces.ip('router', `link add cli0 type veth ${peer}`);
  namespaces.ip('router', `addr add ${CLIENT_LINK.router}/24 dev cli0`);
  namespaces.ip('client', `addr add ${CLIENT_LINK.client}/24 dev rtr0`);
  namespaces.ip('router', 'link set cli0 up');
  namespaces.ip('client', 'link set rtr0 up');
  namespaces.ip('client', `route add default via ${CLIENT_LINK.router}`);
  namespaces.sysctl('router', { 'ipv4/ip_forward': 1, 'ipv4/fib_multipath_hash_policy': 1 });
}

/** A port of a switch has the name of its machine. `machine` undefined: ours, whose device has a name of its own. */
function plug(namespaces, network, machine, address, device = DEVICES[network]) {
  const port = machine ?? 'site';
  const there = machine === undefined ? String(process.pid) : namespaces.nameOf(machine);
  namespaces.ip(network, `link add ${port} type veth peer name ${device} netns ${there}`);
  namespaces.ip(network, `link set ${port} master br0 up`);
  namespaces.ip(network, `link set ${port} type bridge_slave flood off`);
  namespaces.ip(machine, `addr add ${address}/24 dev ${device}`);
  namespaces.ip(machine, `link set ${device} up`);
}
