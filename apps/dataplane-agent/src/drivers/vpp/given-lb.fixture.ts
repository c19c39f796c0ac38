import { canonicalAddress, DEFAULT_TIMEOUTS, type NodeListener, type NodeVpp } from '@signalbox/contracts';
import type { LbTable, LbTarget, LbVip } from './lb-table.js';
import { type LbHints, type LbPlan, lbPlan, type LbWrite } from './lb-plan.js';
import { vipOf, vipText, type VipKey } from './vip-key.js';
import { wantedVips } from './wanted-vips.js';

export const CONF: NodeVpp = {
  ipv4SrcAddress: '192.0.2.254',
  ipv6SrcAddress: '2001:db8::fe',
  stickyBucketsPerCore: 1024,
  flowTimeoutSeconds: 40,
};

/** A listener `web` at 192.0.2.10 port 80, with the weights of its targets. */
export function aListener(
  weights: Readonly<Record<string, number>> = {},
  changes: Partial<NodeListener> = {},
): NodeListener {
  const port = changes.port ?? 80;
  return {
    ...{ name: 'web', address: '192.0.2.10', protocol: 'tcp', port, algorithm: 'maglev' },
    timeouts: DEFAULT_TIMEOUTS,
    targets: Object.entries(weights).map(([address, weight]) => ({ address, port, weight, flushes: 0 })),
    ...changes,
  };
}

/** VIPs as they stand when listeners are served. */
export function standing(...listeners: readonly NodeListener[]): LbVip[] {
  return wantedVips(listeners, [], new Map()).vips.map(({ key, encap, isSticky, targets }) => ({
    ...{ key, encap, isSticky },
    targets: targets.map((target): LbTarget => ({ ...target, buckets: 0 })),
    packets: { next: 0, first: 0, untracked: 0, noServer: 0 },
    flows: new Map(),
  }));
}

/** What is to be done when these VIPs stand and these listeners are wanted. */
export function planned(
  vips: readonly LbVip[],
  listeners: readonly NodeListener[],
  hints: Partial<LbHints> = {},
  served: ReadonlyMap<string, VipKey> = new Map(listeners.map((one) => [one.name, vipOf(one)])),
): LbPlan {
  const table: LbTable = { conf: CONF, vips };
  return lbPlan(table, wantedVips(listeners, vips, served), { cut: new Set(), ...hints });
}

/** Writes as lines that people read. */
export function linesOf(writes: readonly LbWrite[]): string[] {
  return writes.map((write) => {
    if (write.does === 'conf') return `conf ${JSON.stringify(write.conf)}`;
    const vip = vipText(write.vip);
    switch (write.does) {
      case 'add-vip':
        return `add-vip ${vip} ${write.encap}${write.isSticky ? ' sticky' : ''}`;
      case 'remove-vip':
        return `remove-vip ${vip}`;
      case 'add-target':
        return `add-target ${vip} ${write.address} weight ${write.weight}`;
      case 'remove-target':
        return `remove-target ${vip} ${write.address}${write.isFlush ? ' flush' : ''}`;
      case 'set-weight':
        return `set-weight ${vip} ${write.address} weight ${write.weight}${write.isFlush ? ' flush' : ''}`;
    }
  });
}

/** The table after writes, as VPP would have it; flushes by {@link linesOf}'s words are told apart. */
export function afterWrites(vips: readonly LbVip[], writes: readonly LbWrite[]): LbVip[] {
  const table = new Map(vips.map((vip) => [vipText(vip.key), vip]));
  for (const write of writes) {
    if (write.does === 'conf') continue;
    const text = vipText(write.vip);
    const vip = table.get(text);
    if (write.does === 'add-vip') {
      if (vip) throw new Error(`VALUE_EXIST ${text}`);
      checkBeside([...table.values()], write);
      table.set(text, {
        ...{ key: write.vip, encap: write.encap, isSticky: write.isSticky, targets: [] },
        packets: { next: 0, first: 0, untracked: 0, noServer: 0 },
        flows: new Map(),
      });
      continue;
    }
    if (!vip) throw new Error(`NO_SUCH_ENTRY ${text}`);
    if (write.does === 'remove-vip') table.delete(text);
    else table.set(text, { ...vip, targets: targetsAfter(vip, write) });
  }
  return [...table.values()];
}

type TargetWrite = Extract<LbWrite, { readonly address: string }>;

function targetsAfter({ encap, targets }: LbVip, write: TargetWrite): LbTarget[] {
  const address = canonicalAddress(write.address);
  const others = targets.filter((one) => one.address !== address);
  const isThere = others.length < targets.length;
  if (write.does === 'add-target' ? isThere : !isThere)
    throw new Error(`${isThere ? 'VALUE_EXIST' : 'NO_SUCH_ENTRY'} ${address}`);
  if (write.does === 'remove-target') return others;
  if (address.includes(':') !== (encap === 'gre6')) throw new Error(`INVALID_ADDRESS_FAMILY ${address}`);
  return [...others, { address, weight: write.weight, buckets: 0 }];
}

/** The checks of VPP between VIPs of one prefix. Reference maglev 2.8 (2, 3). */
function checkBeside(vips: readonly LbVip[], { vip, encap }: Extract<LbWrite, { does: 'add-vip' }>): void {
  const beside = vips.filter(({ key }) => key.address === vip.address && key.length === vip.length);
  if (beside.some(({ key }) => (key.port === 0) !== (vip.port === 0)))
    throw new Error(`VALUE_EXIST ${vipText(vip)} beside all ports`);
  if (beside.some((other) => other.encap !== encap)) throw new Error(`INVALID_ARGUMENT ${vipText(vip)}`);
}
