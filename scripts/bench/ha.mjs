// What clients notice of a node that dies, is cut off or is drained: with Signalbox, beside two nodes with BIRD and rules by hand.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODES } from '../ha/plan.mjs';
import { whatLacks } from '../ha/programs.mjs';
import { goOn, trial } from '../ha/trial.mjs';
import { World } from '../ha/world.mjs';
import { ROOT } from '../prepare.mjs';
import { demand } from './goals.mjs';
import { until } from './pause.mjs';
import { apply, rest, withSite } from './site.mjs';

const CONNECTIONS = 60;
/** Each connection sends a line so often, so a gap is at least this. Milliseconds. */
const EVERY_MS = 10;
const DEADLINE_MS = 60_000;
const MANIFEST = join(ROOT, 'examples', 'several-nodes', 'demo.yaml');

/** What happens to n1, what undoes it, and the longest gap that is allowed. Reference load-balancing section 7. */
const EVENTS = [
  { name: 'kill -9 of a node', goal: 100, happen: 'kill', undo: 'boot' },
  { name: 'link lost without a word', goal: 700, happen: 'cut', undo: 'mend' },
  { name: 'drain', goal: 50, happen: 'drain', undo: 'undrain' },
];

/** Measures it, or says why it cannot. */
export async function benchHa(frame) {
  const lack = whatLacks();
  if (lack !== undefined) {
    frame.leftOut(`nodes that die: ${lack}`);
    return;
  }
  await withSite({}, async (site) => {
    const sides = [];
    try {
      for (const side of [new OurSide(site), new BareSide()]) {
        sides.push(side);
        await side.open();
      }
      await measureGaps(frame, sides);
    } finally {
      for (const { world } of sides) await world?.close();
    }
  });
}

async function measureGaps(frame, [ours, bare]) {
  frame.title(`${CONNECTIONS} connections by two nodes, a line every ${EVERY_MS} ms`);
  const rows = EVENTS.map(({ name, goal }) => ({
    gap: frame.row({
      figure: `longest gap, ${name}`,
      unit: 'ms',
      limitName: 'BIRD and rules by hand',
      goals: [demand('value', { atMost: goal })],
    }),
    left: frame.row({
      figure: `until the router leaves the node, ${name}`,
      unit: 'ms',
      limitName: 'BIRD and rules by hand',
    }),
  }));
  for (const round of frame.rounds) {
    for (const [side, add, who] of [
      [ours, 'add', 'ours'],
      [bare, 'addLimit', 'limit'],
    ]) {
      await side.world.connect(CONNECTIONS, EVERY_MS);
      for (const [at, { name, happen, undo }] of EVENTS.entries()) {
        const what = `${name}, ${who}, round ${round}`;
        const { result, condition } = await frame.measured(what, () => gapOf(side, happen, undo));
        rows[at].gap[add](result.longestGapMs, { condition });
        rows[at].left[add](result.leftMs, { condition });
      }
      await side.world.clients.do('end');
    }
  }
  for (const { gap, left } of rows) {
    gap.close();
    left.close();
  }
}

/** Does it to n1, and undoes it; throws when a connection was lost. */
async function gapOf(side, happen, undo) {
  const { world } = side;
  const watch = await world.watchRoutes();
  const began = performance.now();
  const report = await trial(world, { event: () => side[happen](), routes: ['n2'], until: waiting });
  const [first] = await watch.end();
  await side[undo]();
  await side.isWhole();
  await goOn(world, waiting);
  const { lost } = await world.clients.do('report');
  if (lost.length > 0) throw new Error(`${happen}: connections were lost: ${lost.join(', ')}`);
  return { longestGapMs: report.longestGapMs, leftMs: first.at - began };
}

/** Nodes of Signalbox. */
class OurSide {
  constructor(site) {
    this.site = site;
  }

  async open() {
    this.world = await World.open();
    await this.world.joinSite(Number(new URL(this.site.natsUrl).port));
    for (const node of NODES) await this.world.startNode(node);
    const manifest = readFileSync(MANIFEST, 'utf8').replaceAll('${segment}', this.world.segment);
    await apply(this.site, manifest);
    await this.isWhole();
  }

  async isWhole() {
    await waiting('both nodes to have one table', async () => {
      const { nodes, provisioningStatus } = await rest(this.site, 'GET', '/v1/listeners/web');
      const digests = new Set(nodes.map(({ current, tableDigest }) => (current ? tableDigest : undefined)));
      return provisioningStatus === 'active' && digests.size === 1 && !digests.has(undefined);
    });
    await isRouted(this.world);
  }

  kill = () => this.world.killNode('n1');
  boot = () => this.world.bootNode('n1');
  cut = () => this.world.cables.cut('segment', 'n1');
  mend = () => this.world.cables.mend('segment', 'n1');
  drain = () => rest(this.site, 'POST', '/v1/nodes/n1/drain', '{"reason":"bench"}', 'application/json');
  undrain = () => rest(this.site, 'POST', '/v1/nodes/n1/undrain', '{"reason":"bench"}', 'application/json');
}

/** Nodes without Signalbox. */
class BareSide {
  async open() {
    this.world = await World.open();
    for (const node of NODES) await this.world.startBareNode(node);
    await this.isWhole();
  }

  isWhole() {
    return isRouted(this.world);
  }

  kill = () => this.world.killNode('n1');
  boot = () => this.world.bootBareNode('n1');
  cut = () => this.world.cables.cut('segment', 'n1');
  mend = () => this.world.cables.mend('segment', 'n1');
  drain = () => this.world.nodes.n1.bird.tell('disable vips');
  undrain = () => this.world.nodes.n1.bird.tell('enable vips');
}

function isRouted(world) {
  return waiting('the router to send clients to both', () => world.routes().length === NODES.length);
}

function waiting(what, check) {
  return until(what, check, DEADLINE_MS);
}
