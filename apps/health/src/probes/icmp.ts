import { spawn, type ChildProcess } from 'node:child_process';
import { isIPv6 } from 'node:net';
import type { Attempt } from './attempt.js';
import { failureText } from './failure-text.js';
import { PROBE_LIMITS } from './limits.js';
import { printedShortage, shortageOf } from './local-shortage.js';
import type { ProbeTarget } from './probe.js';
import { sourceOf } from './source-address.js';

const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const ROUND_TRIP = /\btime[=<] ?([\d.]+ ?ms)/;
/** What a router or our own kernel says: "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable". */
const UNREACHABLE = /^From \S+:? icmp_seq=\d+ (.+)$/m;
/** Our own kernel did not let it go: a firewall, for one. */
const NOT_SENT = /^ping6?: ((?:sendmsg|sendto): .+)$/m;
const NOT_PERMITTED = /socket: operation not permitted|permission denied \(are you root|cap_net_raw/i;

/** The program that sends echo requests, and where it is found. */
export interface PingProgram {
  readonly program?: string | undefined;
  readonly searchPath?: string | undefined;
}

/** One echo request by the system's `ping`, which may do what Node cannot: there are no raw sockets. Reference 4.5. */
export function probeIcmp(
  target: ProbeTarget,
  attempt: Attempt,
  { program = 'ping', searchPath = SEARCH_PATH }: PingProgram = {},
): void {
  // Its language must be ours, and nothing of our environment is its business.
  const env = { PATH: searchPath, LC_ALL: 'C' };
  const child = spawn(program, pingArguments(target), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  attempt.hold(() => child.kill('SIGKILL'));
  attempt.enter('L7');
  const output = collect(child);
  child.once('error', (error: NodeJS.ErrnoException) => {
    const cause = shortageOf(error);
    if (cause !== undefined) return attempt.giveUp(cause, `cannot run ${program}: ${failureText(error)}`);
    const isMissing = error.code === 'ENOENT';
    const detail = `${program} is not installed: install iputils-ping (or iputils)`;
    attempt.fail('L4CON', isMissing ? detail : `cannot run ${program}: ${failureText(error)}`);
  });
  child.once(
    'close',
    attempt.step((exitCode: number | null) => judge(exitCode, output(), target, attempt)),
  );
}

/** `-W` takes whole seconds in some versions of ping; the exact deadline is that of the attempt. */
function pingArguments(target: ProbeTarget): string[] {
  const { address, timeoutMs } = target;
  const source = sourceOf(target);
  return [
    ...['-n', '-c', '1', '-W', String(Math.ceil(timeoutMs / 1000))],
    isIPv6(address) ? '-6' : '-4',
    ...(source === undefined ? [] : ['-I', source]),
    address,
  ];
}

function judge(exitCode: number | null, output: string, { timeoutMs }: ProbeTarget, attempt: Attempt): void {
  const roundTrip = ROUND_TRIP.exec(output)?.[1];
  if (exitCode === 0 && roundTrip !== undefined) return attempt.pass('L7OK', `echo reply in ${roundTrip}`);
  const said = output.trim().split('\n').at(-1) ?? '';
  const cause = exitCode === null ? 'killed' : printedShortage(said);
  if (cause !== undefined) return attempt.giveUp(cause, said || 'ping was killed');
  const unreachable = UNREACHABLE.exec(output)?.[1];
  if (unreachable !== undefined) return attempt.fail('L4CON', unreachable.toLowerCase());
  const notSent = NOT_SENT.exec(output)?.[1];
  if (notSent !== undefined) return attempt.fail('L4CON', notSent);
  // 1 = no reply. Anything else is about ping itself, or what the kernel told it.
  if (exitCode === 1 && !NOT_PERMITTED.test(output)) {
    return attempt.fail('L7TOUT', `no echo reply within ${Math.round(timeoutMs)} ms`);
  }
  const hint = NOT_PERMITTED.test(output)
    ? 'ping is not permitted: set net.ipv4.ping_group_range or give ping CAP_NET_RAW'
    : said.replace(/^ping6?: (?:connect: )?/, '') || `ping ended with ${exitCode}`;
  attempt.fail('L4CON', hint);
}

/** Both outputs together, as they come, up to a bound. */
function collect({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) {
    // There are no pipes when the program could not be started.
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text = (text + piece).slice(0, PROBE_LIMITS.pingOutputBytes);
    });
  }
  return () => text;
}
