import { createHash } from 'node:crypto';
import { announcerTime, unavailable } from '../announcer-error.js';
import { refusal, runProgram } from '../run-program.js';

/** An address of this machine. */
export interface KernelAddress {
  readonly address: string;
  readonly interface: string;
  /** It was set by an announcer of this node. */
  readonly isOurs: boolean;
  /** What is left of its lifetime, up to a second too much. Seconds. */
  readonly leftSeconds: number;
}

/** An address to be set, for so long, unless it is too late by then. */
export interface AddressToSet {
  readonly address: string;
  readonly interface: string;
  readonly seconds: number;
  /** By the uptime of the machine. Milliseconds. */
  readonly notAfterMs: number;
}

/** The kernel counts up to it and means for ever by it. Seconds. */
const FOR_EVER = 4_294_967_295;

/** Of what marks addresses as ours the first eight bits; the others are the node's. */
const MARK = 0x5b000000;

/** Most addresses that one call names: an argument of a program ends at 128 KiB. */
const MOST_AT_ONCE = 500;

/** Ends of the script below. */
const TOO_LATE = 75;
const TAKEN_BACK = 76;

/**
 * Sets addresses if it is not too late. The time is read by the child that is about to call the kernel: an agent that stopped meanwhile changes
 * nothing. And once more after the call, to take back at once what was set too late. $1: hundredths of a second of uptime, $2: ip, $3 and $4:
 * orders that set, and that take back.
 */
const SET_IN_TIME = `
late() { read -r up rest </proc/uptime; [ "\${up%.*}\${up#*.}" -gt "$1" ]; }
late "$1" && exit ${TOO_LATE}
printf '%s\\n' "$3" | "$2" -force -batch -
code=$?
late "$1" || exit $code
printf '%s\\n' "$4" | "$2" -force -batch -
exit ${TAKEN_BACK}`;

/** Addresses of this machine, by the program `ip`. Everything rejects with `announcer-unavailable`. */
export class KernelAddresses {
  /**
   * Addresses of ours have this metric, which means nothing for one without a network: labels have no room beside long names of interfaces, and
   * the origin of an address is not known to \`ip\` before 6.2.
   */
  private readonly mark: number;

  constructor(
    private readonly program: string,
    node: string,
  ) {
    this.mark = MARK | createHash('sha256').update(node).digest().readUIntBE(0, 3);
  }

  async look(deadlineMs: number): Promise<readonly KernelAddress[]> {
    const said = await runProgram(this.program, ['-j', 'addr', 'show'], announcerTime({ deadlineMs }));
    if (said.code !== 0) throw refusal(this.program, said);
    return addressesIn(said.out, this.mark);
  }

  /** Names of all interfaces. */
  async interfaces(deadlineMs: number): Promise<ReadonlySet<string>> {
    const said = await runProgram(this.program, ['-j', 'link', 'show'], announcerTime({ deadlineMs }));
    if (said.code !== 0) throw refusal(this.program, said);
    const links = JSON.parse(said.out || '[]') as readonly { readonly ifname?: string }[];
    return new Set(links.map(({ ifname = '' }) => ifname));
  }

  /** Sets them, or sets them anew for another lifetime. Says whether it came in time. */
  async set(addresses: readonly AddressToSet[], deadlineMs: number): Promise<boolean> {
    let isInTime = true;
    for (let from = 0; from < addresses.length; from += MOST_AT_ONCE) {
      const some = addresses.slice(from, from + MOST_AT_ONCE);
      const notAfter = Math.floor(Math.min(...some.map(({ notAfterMs }) => notAfterMs)) / 10);
      const orders = some.map((one) => this.setOrder(one)).join('\n');
      const undo = some.map(deleteOrder).join('\n');
      const args = ['-c', SET_IN_TIME, 'sh', String(notAfter), this.program, orders, undo];
      const said = await runProgram('/bin/sh', args, announcerTime({ deadlineMs }));
      if (said.code === TOO_LATE || said.code === TAKEN_BACK) isInTime = false;
      else if (said.code !== 0) throw refusal(this.program, said);
    }
    return isInTime;
  }

  /** Takes them away. One that is not there is gone. */
  async remove(
    addresses: readonly Omit<KernelAddress, 'leftSeconds' | 'isOurs'>[],
    deadlineMs: number,
  ): Promise<void> {
    const orders = `${addresses.map(deleteOrder).join('\n')}\n`;
    const said = await runProgram(this.program, ['-force', '-batch', '-'], announcerTime({ deadlineMs }), {
      input: orders,
    });
    const failures = said.err.split('\n').filter((line) => /^RTNETLINK answers/.test(line));
    if (failures.some((line) => !/Cannot assign requested address/.test(line)))
      throw refusal(this.program, said);
  }

  /** IPv6: the lease says that nobody else has it, so nobody has to be asked; and the node does not speak from it by itself. */
  private setOrder({ address, interface: device, seconds }: AddressToSet): string {
    const isSix = address.includes(':');
    const lifetime = `valid_lft ${seconds} preferred_lft ${isSix ? 0 : seconds}`;
    return `addr replace ${withLength(address)} dev ${device} metric ${this.mark} ${lifetime}${isSix ? ' nodad' : ''}`;
  }
}

/** Reads what `ip -j addr show` tells. Throws `announcer-unavailable` for what is none of it. */
export function addressesIn(json: string, mark: number): readonly KernelAddress[] {
  const links = readLinks(json);
  return links.flatMap(({ ifname = '', addr_info = [] }) =>
    addr_info.flatMap(({ local, metric, valid_life_time = FOR_EVER }) =>
      local === undefined
        ? []
        : [
            {
              address: local,
              interface: ifname,
              isOurs: metric === mark && valid_life_time !== FOR_EVER,
              leftSeconds: valid_life_time,
            },
          ],
    ),
  );
}

interface ToldLink {
  readonly ifname?: string;
  readonly addr_info?: readonly {
    readonly local?: string;
    readonly metric?: number;
    readonly valid_life_time?: number;
  }[];
}

function readLinks(json: string): readonly ToldLink[] {
  try {
    return JSON.parse(json || '[]') as readonly ToldLink[];
  } catch (cause) {
    throw unavailable('ip tells of addresses what cannot be read', cause);
  }
}

function deleteOrder({ address, interface: device }: Pick<KernelAddress, 'address' | 'interface'>): string {
  return `addr del ${withLength(address)} dev ${device}`;
}

function withLength(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
