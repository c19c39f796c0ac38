import { readFileSync } from 'node:fs';
import type { ProbeTarget } from './probes/probe.js';

/** Most descriptors that probes hold at once, whatever the limit is. */
const MOST = 8192;

/** What is left to the API, the database and NATS, which may be in our process: a quarter, or this many if there are. */
const ROOM = 256;

/** Descriptors that one probe may hold at a time: `ping` has pipes, a truncated DNS answer is asked for again by TCP. */
const PER_PROBE: Readonly<Partial<Record<ProbeTarget['type'], number>>> = { icmp: 4, dns: 2 };

export function descriptorsOf(type: ProbeTarget['type']): number {
  return PER_PROBE[type] ?? 1;
}

/** How many descriptors probes may hold under a limit of the process. */
export function descriptorsForProbes(limit: number): number {
  // A limit may be infinite.
  const usable = Math.min(limit, 2 * MOST);
  const room = Math.max(usable / 4, Math.min(ROOM, usable / 2));
  return Math.max(1, Math.min(MOST, Math.floor(usable - room)));
}

/** The limit of open descriptors of this process. Node has raised the soft one to the hard one when it started. */
export function descriptorLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return reportedLimit();
  }
}

/** Where there is no /proc. */
function reportedLimit(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
  };
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) && soft > 0 ? soft : Number.POSITIVE_INFINITY;
}
