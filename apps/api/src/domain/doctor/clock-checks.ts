import type { Check } from './check.js';
import type { GroupFacts } from './federation-facts.js';

/** A clock that is so far off makes leases end early or late, and warns. Seconds. */
export const SKEW_WARN_SECONDS = 5;
/** From here on signatures begin to be refused by whoever has the default window of 5 minutes. Seconds. */
export const SKEW_FAIL_SECONDS = 60;

/** A clock that was read, against ours: more than 0 = it is ahead. */
export interface ReadClock {
  /** `NATS`, `Postgres`. */
  readonly name: string;
  readonly skewSeconds?: number;
}

/** Our clock against those of the servers, of the peers we push to, and of those who push to us. O12. */
export function clockChecks(servers: readonly ReadClock[], groups: readonly GroupFacts[]): Check[] {
  return [
    ...servers.map(({ name, skewSeconds }) => clockCheck(name, name, skewSeconds)),
    ...groups.flatMap(({ group, peers, senders }) => [
      ...peers.map(({ peer, skewSeconds }) => ({
        ...clockCheck(`${group} → ${peer}`, `peer ${peer}`, skewSeconds),
        ...{ group, peer, resource: `EventPeer/${peer}` },
      })),
      ...senders.map(({ sender, skewSeconds }) => ({
        ...clockCheck(`${group} ← ${sender}`, `${sender}, who pushes to us,`, skewSeconds),
        ...{ group, peer: sender },
      })),
    ]),
  ];
}

function clockCheck(name: string, who: string, skewSeconds: number | undefined): Check {
  const about = { area: 'clock', code: 'clock-skew', name } as const;
  if (skewSeconds === undefined) return { ...about, status: 'skip', detail: `${who} told no time yet` };
  const off = Math.abs(skewSeconds);
  const where = skewSeconds > 0 ? 'ahead of' : 'behind';
  if (off < SKEW_WARN_SECONDS)
    return { ...about, status: 'pass', detail: `${who} is within ${SKEW_WARN_SECONDS} s of our clock` };
  return {
    ...about,
    status: off >= SKEW_FAIL_SECONDS ? 'fail' : 'warn',
    detail: `the clock of ${who} is ${Math.round(off)} s ${where} ours: leases end at other times, signatures get refused`,
    remedy: 'let both hosts take their time from NTP: timedatectl status',
  };
}
