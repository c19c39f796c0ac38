// Processor time of processes and everything below them, by what they are. Needs /proc; without it nothing is told.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const HAS_PROC = existsSync('/proc/self/stat');

/** Below these whatever is not known by its command line is a plugin. */
const PLUGIN_PARENTS = ['plugin-runner', 'standalone', 'plugins'];

/**
 * Seconds of processor time so far, of processes and all their descendants, the ended ones too.
 *
 * @param {{ pid: number, label?: string, below?: string }[]} roots label: what the whole tree is; without one each process
 *   is told by its command line (the app, `nats-server`, `postgres`, `plugins`, `launcher`). below: what the processes
 *   are that the root has started, when they are something else
 * @returns {Map<string, number> | undefined} undefined where the system does not tell
 */
export function processorTime(roots) {
  if (!HAS_PROC) return undefined;
  const { processes, children } = readProcesses();
  const total = new Map();
  const add = (label, ticks) => total.set(label, (total.get(label) ?? 0) + ticks / TICKS_PER_SECOND);
  const visit = (pid, labelFor, below) => {
    const found = processes.get(pid);
    if (!found) return;
    const label = labelFor(pid);
    const others = below ?? (PLUGIN_PARENTS.includes(label) ? 'plugins' : label);
    add(label, found.own);
    add(others, found.ended);
    const labelBelow = labelFor.isFixed
      ? fixed(below ?? label)
      : (child) => labelOf(commandLine(child), label);
    for (const child of children.get(pid) ?? []) visit(child, labelBelow);
  };
  for (const { pid, label, below } of roots)
    visit(pid, label === undefined ? (root) => labelOf(commandLine(root), 'launcher') : fixed(label), below);
  return total;
}

function fixed(label) {
  return Object.assign(() => label, { isFixed: true });
}

/** What was used between two looks, per unit of work, in microseconds, the greatest first. */
export function perUnit(before, after, units) {
  if (!before || !after || !(units > 0)) return undefined;
  const used = [...after].map(([label, seconds]) => [
    label,
    ((seconds - (before.get(label) ?? 0)) * 1e6) / units,
  ]);
  return Object.fromEntries(used.filter(([, micros]) => micros > 0).sort((a, b) => b[1] - a[1]));
}

/** All labels together. */
export function sumOf(byLabel, isWanted = () => true) {
  return Object.entries(byLabel ?? {}).reduce(
    (sum, [label, value]) => (isWanted(label) ? sum + value : sum),
    0,
  );
}

/** Neither a server that we only use, nor a program that an operator brings. */
export function isOurs(label) {
  return !['nats-server', 'postgres', 'plugins'].includes(label);
}

/** What a process of a site is, by its command line; what is not known is as its parent, or a plugin. */
export function labelOf(command, parentLabel) {
  const app = /\/dist\/bundle\/([a-z-]+)\.js/.exec(command)?.[1];
  if (app === 'standalone' && command.includes('--separate')) return 'launcher';
  if (command.includes('signalbox-watchdog')) return 'launcher';
  if (app) return app;
  if (/^\S*nats-server\b/.test(command)) return 'nats-server';
  if (/^(postgres:|\S*\/postgres )/.test(command)) return 'postgres';
  return PLUGIN_PARENTS.includes(parentLabel) ? 'plugins' : parentLabel;
}

function readProcesses() {
  const processes = new Map();
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const found = pid > 0 ? readStat(pid) : undefined;
    if (!found) continue;
    processes.set(pid, found);
    children.set(found.parent, [...(children.get(found.parent) ?? []), pid]);
  }
  return { processes, children };
}

/** own: user and system time. ended: the same of children that have ended and were waited for. */
function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // pid (name) state ppid …; the name may hold spaces and parentheses
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { parent: fields[1], own: fields[11] + fields[12], ended: fields[13] + fields[14] };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Resident memory of a process. */
export function residentMiB(pid) {
  if (!HAS_PROC) return NaN;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
