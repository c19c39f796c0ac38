import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { NodeDetail } from '../rest/answers.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { type OutputFlags, withExamples, withOutput, withPlainDryRun } from './options.js';

/** How often a node is asked for whether it has followed, and for how long in all. Milliseconds. */
const ASK_EVERY_MS = 500;
const LONGEST_WAIT_MS = 120_000;

interface DrainFlags extends OutputFlags {
  readonly reason?: string;
  readonly wait?: true;
}

export function addNode(program: Command, session: Session): void {
  const node = program
    .command('node')
    .description('maintenance of load-balancing nodes; what there is and how it is says `show nodes`');
  withExamples(
    node,
    'signalbox node drain edge-1 --reason "new kernel" --wait',
    'signalbox node undrain edge-1',
  );
  addCommand(
    node,
    session,
    'drain',
    'announce no VIP from a node: others take over, what still comes is served, no connection is cut',
  );
  addCommand(node, session, 'undrain', 'announce VIPs from a node again');
}

function addCommand(node: Command, session: Session, verb: 'drain' | 'undrain', description: string): void {
  const command = node
    .command(verb)
    .description(description)
    .argument('<name>', 'the node')
    .option('--reason <text>', 'why, for the history')
    .option('--wait', 'until the node says that it has followed, at most two minutes');
  withExamples(withPlainDryRun(withOutput(command)), `signalbox node ${verb} edge-1 --wait`).action(
    async (name: string, { reason, wait, output }: DrainFlags) => {
      const { body, pending } = await session.client.answer<NodeDetail>(pathOf('nodes', name, verb), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ reason }),
        ifMissing: 'signalbox show nodes',
        has: ['name', 'vipCounts'],
      });
      const node = wait ? await untilFollowed(session, verb, body) : body;
      const { drainOutcomeText } = await import('../views/node.view.js');
      await session.printOne(node, output, drainOutcomeText);
      if (pending && !wait) session.notePending();
    },
  );
}

/** Drained: it announces nothing and says so. Undrained: its data plane is ready, and it does not say so any more. */
function hasFollowed(verb: 'drain' | 'undrain', { drained, state, vipCounts }: NodeDetail): boolean {
  if (verb === 'drain') return drained === true && vipCounts.announced === 0;
  return drained !== true && state === 'ready';
}

/** Throws a failure when the node has not followed in time. */
async function untilFollowed(
  session: Session,
  verb: 'drain' | 'undrain',
  first: NodeDetail,
): Promise<NodeDetail> {
  const { terminal } = session;
  let node = first;
  for (let asked = 0; !hasFollowed(verb, node); asked += 1) {
    if (asked * ASK_EVERY_MS >= LONGEST_WAIT_MS)
      throw new Failure('not-ready', `${node.name} has not followed: ${whyNot(node)}`, EXIT.failure, {
        next: `signalbox show nodes ${node.name}`,
      });
    await terminal.sleep(ASK_EVERY_MS);
    node = await session.client.call<NodeDetail>(pathOf('nodes', node.name), { has: ['name', 'vipCounts'] });
  }
  return node;
}

function whyNot({ state, drained, vipCounts }: NodeDetail): string {
  if (state !== 'ready') return `it is ${state}`;
  if (drained === true && vipCounts.announced > 0) return `it announces ${vipCounts.announced} VIPs still`;
  return 'its agent has not said so: see whether it runs';
}
