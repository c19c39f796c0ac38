// Two load-balancing nodes, a router before them, three targets that answer clients directly, and clients: each in a network namespace
// of its own, so that nodes can be killed and cables cut. See docs/guide for the picture.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from './agent.mjs';
import { barePlane } from './bare-plane.mjs';
import { Bird } from './bird.mjs';
import { bareNodeFile, nodeFile, routerFile } from './bird-files.mjs';
import { Cables } from './cables.mjs';
import { FarProgram } from './far-program.mjs';
import { Namespaces } from './namespaces.mjs';
import { BFD, DEVICES, MACHINES, NODES, onManagement, onSegment, PORT, TARGETS, VIP } from './plan.mjs';
import { programFile } from './programs.mjs';
import { Relay } from './relay.mjs';
import { RouteWatch } from './route-watch.mjs';
import { wire } from './wiring.mjs';

const PLACE = { address: VIP, port: PORT };

export class World {
  nodes = {};
  targets = {};

  /**
   * Everything but the nodes, which are started one by one.
   *
   * @param {{ multiplier?: number }} options multiplier: packets of BFD that the router loses before it takes a node for dead, of the
   *   nodes that have no Signalbox; and as many of the router, for all nodes
   */
  static async open({ multiplier = BFD.multiplier } = {}) {
    const world = new World();
    world.multiplier = multiplier;
    try {
      await world.#open();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #open() {
    this.directory = mkdtempSync(join(tmpdir(), 'signalbox-ha-'));
    const namespaces = new Namespaces(MACHINES, this.directory);
    this.namespaces = namespaces;
    this.k = namespaces.number;
    wire(namespaces);
    this.cables = new Cables(namespaces);
    this.router = new Bird({ namespaces, machine: 'router', directory: this.directory });
    await this.router.start(routerFile(this));
    for (const target of TARGETS) {
      this.targets[target] = new FarProgram(namespaces, target, 'line-server.mjs', target, PORT);
      await this.targets[target].do('listen');
    }
    this.clients = new FarProgram(namespaces, 'client', 'line-clients.mjs');
  }

  /** Where the site can be reached from nodes: its NATS listens on this port of loopback. */
  async joinSite(natsPort) {
    this.relay = await Relay.open(onManagement(this.k, 'site'), natsPort);
    this.natsUrl = `nats://${onManagement(this.k, 'site')}:${this.relay.port}`;
  }

  /** The first three bytes of the network of routers, nodes and targets. */
  get segment() {
    return this.addressOf('router').split('.').slice(0, 3).join('.');
  }

  addressOf(machine) {
    return onSegment(this.k, machine);
  }

  /** Starts BIRD and the agent of a node, which knows what it knew before. */
  async startNode(machine) {
    const { namespaces, directory, natsUrl } = this;
    const bird = new Bird({ namespaces, machine, directory });
    const include = join(directory, `${machine}.signalbox.conf`);
    const agent = new Agent({ namespaces, machine, directory, natsUrl, bird, include });
    this.nodes[machine] = { bird, agent, include };
    // it lies where nothing outlives a start of the machine: routers are not to be told of what no data plane has yet
    writeFileSync(include, '');
    await this.startBird(machine);
    agent.start();
  }

  /** Starts the BIRD of a node again. */
  startBird(machine) {
    const { bird, include } = this.nodes[machine];
    return bird.start(nodeFile(this, machine, include));
  }

  /** A node without Signalbox. */
  async startBareNode(machine) {
    const { namespaces, directory } = this;
    const bird = new Bird({ namespaces, machine, directory });
    this.nodes[machine] = { bird };
    namespaces.run(machine, [programFile('nft'), '-f', '-'], `flush ruleset\n${barePlane(this.k)}`);
    await bird.start(bareNodeFile(this, machine));
  }

  /** kill -9 of everything that runs on a node; then its links are gone, as its kernel is. */
  async killNode(machine) {
    await this.namespaces.killAll(machine);
    for (const device of Object.values(DEVICES)) this.namespaces.ip(machine, `link set ${device} down`);
  }

  /** A node that was killed is switched on again: it knows what is on its disk, and no more. */
  bootNode(machine) {
    this.#switchOn(machine);
    return this.startNode(machine);
  }

  /** The same for one without Signalbox. */
  bootBareNode(machine) {
    this.#switchOn(machine);
    return this.startBareNode(machine);
  }

  #switchOn(machine) {
    this.namespaces.run(machine, [programFile('nft'), 'flush', 'ruleset']);
    this.namespaces.ip(machine, 'addr flush dev lo scope global');
    for (const device of Object.values(DEVICES)) this.namespaces.ip(machine, `link set ${device} up`);
  }

  /** Nodes to which the router sends clients of a VIP. */
  routes(vip = VIP) {
    const text = this.namespaces.ip('router', `route show ${vip}`);
    return NODES.filter((node) => new RegExp(`via ${this.addressOf(node)}\\b`).test(text));
  }

  /** Begins to note every change of the router's ways to the VIP. */
  watchRoutes() {
    return RouteWatch.start(this.namespaces);
  }

  /** Opens connections to the VIP that stand, each with a line every `everyMs`. */
  connect(count, everyMs) {
    return this.clients.do('open', count, PLACE, everyMs);
  }

  /** The name of who serves a new connection; null: nobody. */
  tryOne() {
    return this.clients.do('tryOne', PLACE);
  }

  /** Takes everything away. May be called again. */
  async close() {
    await this.relay?.close();
    await this.namespaces?.close();
  }
}
