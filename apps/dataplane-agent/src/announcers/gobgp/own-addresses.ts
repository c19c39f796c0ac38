import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressFamily, type FamilyName, type NodeBgpPeer } from '@signalbox/contracts';

type Links = ReturnType<typeof networkInterfaces>;

/** Own addresses, by which peers know the node as the next hop. `links`: as the system tells them. */
export class OwnAddresses {
  constructor(private readonly links: Links = networkInterfaces()) {}

  /** One of IPv4 that others see, for who has no router ID. */
  get first(): string | undefined {
    return this.all.find((one) => !one.internal && one.family === 'IPv4')?.address;
  }

  /** Of peers by name: the own address at their link that is of another family than the session, if there is one. */
  otherHops(peers: readonly NodeBgpPeer[]): Map<string, string> {
    const hops = new Map<string, string>();
    for (const peer of peers) {
      const hop = this.otherHop(peer);
      if (hop !== undefined) hops.set(peer.name, hop);
    }
    return hops;
  }

  private otherHop({ address, localAddress }: NodeBgpPeer): string | undefined {
    const family = addressFamily(address);
    const link = Object.values(this.links).find((own = []) =>
      own.some((one) =>
        localAddress === undefined ? isOnLink(address, one.cidr, family) : one.address === localAddress,
      ),
    );
    return link?.find((one) => one.family !== family && !/^fe[89ab]/.test(one.address))?.address;
  }

  private get all() {
    return Object.values(this.links).flatMap((own = []) => own);
  }
}

function isOnLink(address: string, cidr: string | null, family: FamilyName): boolean {
  const [net = '', length] = cidr?.split('/') ?? [];
  if (cidr === null || addressFamily(net) !== family) return false;
  const list = new BlockList();
  const word = family === 'IPv4' ? 'ipv4' : 'ipv6';
  list.addSubnet(net, Number(length), word);
  return list.check(address, word);
}
