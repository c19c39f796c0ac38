import { addressFamily, canonicalAddress, CodedError } from '@signalbox/contracts';
import { NftTime } from '../drivers/nftables/nft-time.js';
import { runProgram } from '../drivers/nftables/nft-program.js';
import type { LinkAddress, LinkAddresses } from './link-addresses.js';

/** After it a call of `ip` is given up. Milliseconds. */
const DEADLINE = { deadlineMs: 5_000 } as const;

/** Longest report of an error that is repeated. Characters. */
const MOST_REPORT_CHARACTERS = 300;

/** Addresses by the program `ip`, which is asked once for an interface and once for all changes. */
export class IpAddresses implements LinkAddresses {
  /** `program`: path or name of `ip`. */
  constructor(private readonly program = 'ip') {}

  async list(name: string): Promise<ReadonlySet<string>> {
    const args = ['-json', 'address', 'show', 'dev', name];
    const { code, out, err } = await runProgram(this.program, args, new NftTime(DEADLINE));
    if (code !== 0)
      throw new CodedError('data-plane-unavailable', `no addresses of ${name}: ${shortened(err)}`);
    const links = JSON.parse(out) as readonly {
      readonly addr_info?: readonly { readonly local?: string }[];
    }[];
    const all = links.flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => local ?? []));
    return new Set(all.map(canonicalAddress));
  }

  add(addresses: readonly LinkAddress[]): Promise<string> {
    return this.change('add', addresses);
  }

  remove(addresses: readonly LinkAddress[]): Promise<string> {
    return this.change('del', addresses);
  }

  /** `-force`: one that is refused keeps none of the others. */
  private async change(verb: 'add' | 'del', addresses: readonly LinkAddress[]): Promise<string> {
    const lines = addresses.map(({ interface: name, address }) => {
      const isSix = addressFamily(address) === 'IPv6';
      // nobody beside it could have it as well; and what the node itself connects to is not to be answered at a VIP
      const how = verb === 'add' && isSix ? ' nodad preferred_lft 0' : '';
      return `address ${verb} ${address}/${isSix ? 128 : 32} dev ${name}${how}\n`;
    });
    const args = ['-force', '-batch', '-'];
    const { err } = await runProgram(this.program, args, new NftTime(DEADLINE), lines.join(''));
    return shortened(err);
  }
}

function shortened(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').slice(0, MOST_REPORT_CHARACTERS);
}
