import { digestOf } from '@signalbox/contracts';
import { nameAddress, type VirtualRouter } from './virtual-router.js';

/** First line of a file of ours. */
const HEAD = '# Written by Signalbox: all VIPs that this node may lead. What is edited here is lost.';

/** Hex digits of the digest that names a file. */
const DIGEST_DIGITS = 16;

/** Of the process that leads, before all others; without the right to it keepalived goes on as it is. */
const NICENESS = -20;

/** A whole configuration. */
export interface KeepalivedText {
  readonly text: string;
  /** What keepalived calls itself while it runs with this text. */
  readonly routerId: string;
  /** For `ip -batch`: takes away all that keepalived may have put on interfaces. */
  readonly removal: string;
}

/** `eventPipe`: path of the fifo to which keepalived tells who leads. */
export function keepalivedText(routers: readonly VirtualRouter[], eventPipe: string): KeepalivedText {
  const body = routers.map(routerText).join('\n');
  const routerId = `sb-${digestOf([body, eventPipe]).slice(0, DIGEST_DIGITS)}`;
  const settings = [
    `router_id ${routerId}`,
    // an interface that goes and comes back is used again
    'dynamic_interfaces',
    `vrrp_notify_fifo ${eventPipe}`,
    // on a busy node it would be late, and another node would lead beside it. Not realtime: reloads leave that with a limit that kills
    `vrrp_priority ${NICENESS}`,
  ];
  const global = `global_defs {\n${settings.map((line) => `  ${line}\n`).join('')}}\n`;
  return { text: `${HEAD}\n${global}\n${body}`, routerId, removal: removalText(routers) };
}

/** Adds what another text would take away. Each line once. */
export function joinRemovals(...texts: readonly string[]): string {
  const lines = new Set(texts.flatMap((text) => text.split('\n')).filter((line) => line !== ''));
  return [...lines].map((line) => `${line}\n`).join('');
}

/** Addresses with their prefix that a text for {@link KeepalivedText.removal} names. */
export function addressesIn(removal: string): Set<string> {
  return new Set([...removal.matchAll(/^address del ([^/]+)\//gm)].map(([, address]) => address ?? ''));
}

function removalText(routers: readonly VirtualRouter[]): string {
  const lines = routers.flatMap((router) =>
    [nameAddress(router), ...router.vips].map(
      (address) => `address del ${host(router, address)} dev ${router.interface}\n`,
    ),
  );
  return lines.join('');
}

/** Who leads is found by priority alone; a node that was away waits until the leader leaves, unless it shall take over. */
function routerText(router: VirtualRouter): string {
  const { name, id, interface: device, priority, preempt, advertMs, vips } = router;
  const scope = router.family === 'ipv4' ? ' scope link' : '';
  const lines = [
    'state BACKUP',
    `interface ${device}`,
    `virtual_router_id ${id}`,
    'version 3',
    `priority ${priority}`,
    `advert_int ${advertMs / 1_000}`,
    ...(preempt ? [] : ['nopreempt']),
    'virtual_ipaddress {',
    `  ${host(router, nameAddress(router))} dev ${device}${scope}`,
    '}',
    'virtual_ipaddress_excluded {',
    ...vips.map((address) => `  ${host(router, address)} dev ${device}`),
    '}',
  ];
  return [`vrrp_instance ${name} {`, ...lines.map((line) => `  ${line}`), '}\n'].join('\n');
}

function host({ family }: VirtualRouter, address: string): string {
  return `${address}/${family === 'ipv4' ? 32 : 128}`;
}
