import type { Command } from 'commander';
import { type VppInfo, type VppLbCounters, type VppLbState, type VppSync } from '@signalbox/contracts';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { type OutputFlags, withExamples, withOutput, withPlainDryRun } from './options.js';

/** The node that a VppDataPlane describes. */
const VPP_NODE = 'vpp';

interface VppFlags extends OutputFlags {
  readonly node: string;
}

/** `show vpp …`: what the VPP of a node says. Reference maglev 8.2, 8.4. */
export function addShowVpp(show: Command, session: Session): void {
  const vpp = show.command('vpp').description('the VPP of a node, its VIPs and what they counted');
  withExamples(vpp, 'signalbox show vpp info', 'signalbox show vpp lb state');
  const info = vpp.command('info').description('which VPP it is, and since when it is connected');
  withExamples(ofNode(info), 'signalbox show vpp info', 'signalbox show vpp info --node edge-1').action(
    async ({ node, output }: VppFlags) => {
      const answer = await ask<VppInfo>(session, node, 'info');
      const { vppInfoText } = await import('../views/vpp.view.js');
      const nowMs = session.terminal.nowMs();
      await session.printOne(answer, output, () => vppInfoText(answer, nowMs));
    },
  );
  const lb = vpp.command('lb').description('its load balancer');
  withExamples(lb, 'signalbox show vpp lb state', 'signalbox show vpp lb counters');
  const state = lb
    .command('state')
    .description('settings, VIPs and application servers as they stand')
    .argument('[listener]', 'only the VIP of this one');
  withExamples(ofNode(state), 'signalbox show vpp lb state', 'signalbox show vpp lb state http-vip').action(
    async (listener: string | undefined, { node, output }: VppFlags) => {
      const answer = await ask<VppLbState>(session, node, 'lb-state');
      const shown = { ...answer, vips: ofListener(answer.vips, listener) };
      const { vppStateText } = await import('../views/vpp.view.js');
      await session.printOne(shown, output, vppStateText);
    },
  );
  const counters = lb.command('counters').description('packets of each VIP since VPP made it');
  withExamples(ofNode(counters), 'signalbox show vpp lb counters').action(
    async ({ node, output }: VppFlags) => {
      const { vips } = await ask<VppLbCounters>(session, node, 'lb-counters');
      const { VPP_COUNTER_COLUMNS } = await import('../views/vpp.view.js');
      await session.printRows(vips, VPP_COUNTER_COLUMNS, output);
    },
  );
}

/** `sync vpp lb state [listener]`. Reference maglev 6.4, 6.5. */
export function addSync(program: Command, session: Session): void {
  const sync = program.command('sync').description('make a data plane as desired now');
  withExamples(sync, 'signalbox sync vpp lb state');
  const lb = sync
    .command('vpp')
    .description('the VPP of a node')
    .command('lb')
    .description('its load balancer');
  const state = lb
    .command('state')
    .description('write what differs from the desired state, and say how much that was')
    .argument('[listener]', 'only the VIP of this one; nothing else goes');
  withExamples(
    withPlainDryRun(ofNode(state)),
    'signalbox sync vpp lb state',
    'signalbox sync vpp lb state http-vip',
  ).action(async (listener: string | undefined, { node, output }: VppFlags) => {
    const answer = await session.client.call<VppSync>(pathOf('nodes', node, 'vpp', 'sync'), {
      method: 'POST',
      body: JSON.stringify({ listener }),
      has: ['vipsAdded'],
    });
    const { vppSyncText } = await import('../views/vpp.view.js');
    await session.printOne(answer, output, () => vppSyncText(answer));
  });
}

function ofNode(command: Command): Command {
  return withOutput(command.option('--node <name>', 'the node whose VPP it is', VPP_NODE));
}

function ask<T>(session: Session, node: string, about: string): Promise<T> {
  return session.client.call<T>(pathOf('nodes', node, 'vpp', about), {
    ifMissing: 'signalbox show nodes',
    has: ['node'],
  });
}

function ofListener(vips: VppLbState['vips'], listener: string | undefined): VppLbState['vips'] {
  return listener === undefined ? vips : vips.filter((vip) => vip.listener === listener);
}
