import type { Log } from '@signalbox/runtime';
import { announcerTime } from '../announcer-error.js';
import { programPath, runProgram } from '../run-program.js';

/** Programs that tell neighbours where a VIP is; absent: where the system has its programs. */
export interface NewsPrograms {
  /** iputils `arping`, for IPv4. */
  readonly arping?: string;
  /** `ndptool` of libndp, for IPv6. */
  readonly ndptool?: string;
}

/** A VIP that is here now, until then at least. */
export interface News {
  readonly address: string;
  readonly interface: string;
  /** By the uptime of the machine. Milliseconds. */
  readonly untilMs: number;
}

/** After it the programs are ended; one takes a second, to hear answers that nobody wants. Milliseconds. */
const DEADLINE_MS = 10_000;

/**
 * Tells one after the other, and as with addresses: what was held up too long is not told any more. $1: arping, $2: ndptool; a line of the input:
 * hundredths of a second of uptime, interface, address.
 */
const TELL_IN_TIME = `
while read -r limit device address; do
  read -r up rest </proc/uptime
  [ "\${up%.*}\${up#*.}" -gt "$limit" ] && continue
  case $address in
    *:*) "$2" -t na -U -i "$device" -T "$address" send || failed=1 ;;
    *) "$1" -q -U -c 1 -I "$device" -s "$address" "$address" </dev/null & ;;
  esac
done
wait
exit \${failed:-0}`;

/**
 * Tells the neighbours on a segment that a VIP is here now: a gratuitous ARP (RFC 5944 section 4.6), or an unsolicited neighbour
 * advertisement with the override flag (RFC 4861 section 7.2.6). Each call sends one packet for each VIP.
 */
export class NeighbourNews {
  private readonly running = new Set<Promise<void>>();
  private hasFailed = false;

  constructor(
    private readonly programs: NewsPrograms,
    private readonly log: Log,
  ) {}

  /** Why neighbours cannot be told of a VIP of this family; undefined: they can. */
  lack(address: string): string | undefined {
    const [program, variable, packages] = address.includes(':')
      ? [this.programs.ndptool ?? 'ndptool', 'SIGNALBOX_NDPTOOL_BIN', 'libndp-tools']
      : [this.programs.arping ?? 'arping', 'SIGNALBOX_ARPING_BIN', 'iputils-arping'];
    if (programPath(program) !== undefined) return undefined;
    return `${program} is not there, by which neighbours are told of the VIP: install ${packages}, or name it by ${variable}`;
  }

  /** Begins to tell; what becomes of it is in the log. */
  tell(news: readonly News[]): void {
    if (news.length === 0) return;
    const { arping = 'arping', ndptool = 'ndptool' } = this.programs;
    const lines = news.map((one) => `${Math.floor(one.untilMs / 10)} ${one.interface} ${one.address}\n`);
    const args = ['-c', TELL_IN_TIME, 'sh', arping, ndptool];
    const run = runProgram('/bin/sh', args, announcerTime({ deadlineMs: DEADLINE_MS }), {
      input: lines.join(''),
    }).then(
      ({ code, err }) => this.note(code === 0 && err === '' ? undefined : err.trim().slice(0, 300)),
      (error: unknown) => this.note(String(error)),
    );
    this.running.add(run);
    void run.finally(() => this.running.delete(run));
  }

  async settle(): Promise<void> {
    await Promise.all(this.running);
  }

  private note(reason: string | undefined): void {
    if (reason !== undefined && !this.hasFailed)
      this.log.warn({ reason }, 'neighbours could not be told where VIPs are');
    this.hasFailed = reason !== undefined;
  }
}
