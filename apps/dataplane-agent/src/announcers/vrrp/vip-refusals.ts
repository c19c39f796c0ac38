import {
  addressKey,
  addressValue,
  type ErrorBody,
  familyOf,
  holds,
  networkOf,
  type NodeVip,
} from '@signalbox/contracts';
import type { WantedAnnouncements } from '../announcer.js';
import { routerOf, type RouterVip } from './virtual-router.js';

/** What the node has of its own: its interfaces, and which has an address that is not of us. */
export interface NodeInterfaces {
  readonly names: ReadonlySet<string>;
  /** Interface of each address that somebody else put there, by its `addressKey`. */
  readonly others: ReadonlyMap<string, string>;
}

/** Which VIPs keepalived can be told, and why not of the others. */
export interface SortedVips {
  readonly accepted: readonly RouterVip[];
  readonly refused: ReadonlyMap<string, ErrorBody>;
}

/** Names that need no marks around them in a keepalived.conf, as all that people give to devices. */
const PLAIN_NAME = /^[A-Za-z0-9_.-]{1,15}$/;

/** Refuses each VIP that would be wrong on its own, or that would take others with it. ADR 0042: only what lies in a pool leaves a node. */
export function sortVips({ vips, prefixes }: WantedAnnouncements, node: NodeInterfaces): SortedVips {
  const ranges = prefixes.map(networkOf).filter((range) => range !== undefined);
  const isInPool = (address: string): boolean => {
    const family = familyOf(address);
    return ranges.some((range) => range.family === family && holds(range, addressValue(address)));
  };
  const accepted = new Map<string, RouterVip['router']>();
  const refused = new Map<string, ErrorBody>();
  const routers = new Map<string, string>();
  for (const vip of vips) {
    const { address } = vip;
    const router = routerOf(vip);
    const reason = router ? reasonAgainst(vip, node, isInPool) : 'it names no virtual router';
    const text = JSON.stringify(router);
    if (!router || reason !== undefined) refused.set(address, refusal(address, reason));
    else if ((routers.get(router.name) ?? text) !== text)
      refused.set(address, refusal(address, `other VIPs of virtual router ${router.id} are led otherwise`));
    else {
      routers.set(router.name, text);
      accepted.set(address, router);
    }
  }
  return { accepted: [...accepted].map(([address, router]) => ({ address, router })), refused };
}

function reasonAgainst(
  { address, interface: device }: NodeVip,
  { names, others }: NodeInterfaces,
  isInPool: (address: string) => boolean,
): string | undefined {
  if (!isInPool(address)) return 'it lies in no VipPool';
  if (!PLAIN_NAME.test(device)) return `"${device}" is no name of an interface`;
  if (!names.has(device)) return `this node has no interface ${device}`;
  const other = others.get(addressKey(address));
  return (
    other && `${other} has the address already, and not from Signalbox: whoever leads, this node would answer`
  );
}

function refusal(address: string, reason = ''): ErrorBody {
  return { code: 'announce-refused', message: `VIP ${address} cannot be announced by VRRP: ${reason}` };
}
