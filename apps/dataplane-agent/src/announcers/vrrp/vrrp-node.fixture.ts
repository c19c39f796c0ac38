import { readdirSync, readFileSync } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compareAddresses, type NodeVip, type VipLeadership } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import type { AnnounceResult, StandingVip } from '../announcer.js';
import { GUARD_FILES } from './guard-script.js';
import { VrrpAnnouncer, type VrrpSettings } from './vrrp-announcer.js';
import { DEVICE, ip } from './vrrp-world.fixture.js';

/** For hangs only. Milliseconds. */
export const PATIENT = { deadlineMs: 30_000 } as const;

export const PREFIXES = ['10.4.0.0/24', 'fd00:4::/64'];

/** Long enough that a busy machine does not look like a dead node. Milliseconds. */
const ADVERT_MS = 200;

/** Processes of a node that may be killed, by the file that names each. */
const PROCESSES = {
  guard: [GUARD_FILES.guardPid],
  keepalived: [GUARD_FILES.parentPid, GUARD_FILES.routerPid],
  all: [GUARD_FILES.guardPid, GUARD_FILES.parentPid, GUARD_FILES.routerPid],
} as const;

/** How a VIP of these tests is led, unless said otherwise. */
export function vrrpVip(address: string, changes: Partial<VipLeadership> = {}): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'vrrp', listeners: ['web'], interface: DEVICE },
    ...{ withdrawWithoutTargets: true, drainMs: 5_000 },
    leadership: { rank: 0, preempt: false, virtualRouterId: 51, advertMs: ADVERT_MS, ...changes },
  };
}

/** A node of the world: an announcer with programs that run in its namespace. */
export class VrrpNode {
  announcer: VrrpAnnouncer;
  readonly settings: VrrpSettings;

  constructor(
    readonly name: string,
    private readonly programs: string,
    private readonly namespace: string,
  ) {
    const program = (what: string): string => join(programs, what);
    this.settings = { directory: program('vrrp'), keepalived: program('keepalived'), ip: program('ip') };
    this.announcer = this.another();
  }

  /** Wants exactly these, with the rank given. */
  apply(vips: readonly NodeVip[], rank = 0): Promise<AnnounceResult> {
    const ranked = vips.map((vip) => ({ ...vip, leadership: { ...vip.leadership!, rank } }));
    const frame = { node: this.name, prefixes: PREFIXES, peers: [] };
    return this.announcer.apply({ ...frame, vips: ranked }, PATIENT);
  }

  observe(): Promise<readonly StandingVip[]> {
    return this.announcer.observe(PATIENT);
  }

  /** Waits until it leads all of these. */
  async untilLeads(...addresses: readonly string[]): Promise<void> {
    await until(`${this.name} to lead ${addresses.join(', ')}`, async () => {
      const standing = await this.observe();
      const led = standing.filter(({ state }) => state === 'announced').map(({ address }) => address);
      return addresses.every((address) => led.includes(address));
    });
  }

  /** Waits until it is ready to lead these, and another node does. */
  async untilStandby(...addresses: readonly string[]): Promise<void> {
    await until(`${this.name} to stand by for ${addresses.join(', ')}`, async () => {
      const standing = await this.observe();
      return addresses.every((address) =>
        standing.some((one) => one.address === address && /the node with/.test(one.why ?? '')),
      );
    });
  }

  /** Addresses of VIPs that its interface has, in the order of addresses. */
  addresses(): string[] {
    const listed = ip('-n', this.namespace, '-j', 'address', 'show', 'dev', DEVICE);
    const [{ addr_info: found }] = JSON.parse(listed) as [
      { addr_info: { local: string; prefixlen: number }[] },
    ];
    const hosts = found.filter(({ local, prefixlen }) => prefixlen === (local.includes(':') ? 128 : 32));
    return hosts
      .map(({ local }) => local)
      .filter((local) => !/^169\.254\.|^fe80:/.test(local))
      .sort(compareAddresses);
  }

  takeAddress(address: string): void {
    const bits = address.includes(':') ? 128 : 32;
    ip('-n', this.namespace, 'address', 'del', `${address}/${bits}`, 'dev', DEVICE);
  }

  /** Numbers of processes that live. */
  pids(which: keyof typeof PROCESSES): number[] {
    return PROCESSES[which].map((file) => this.pid(file)).filter((pid) => pid > 0 && isAlive(pid));
  }

  /** With SIGKILL, all at one time; `group`: also who waits for the end of keepalived beside the guard. */
  kill(which: keyof typeof PROCESSES | 'group'): void {
    const [guard] = this.pids('guard');
    // first of all, who would notice the end of others
    if (which === 'group' && guard !== undefined) process.kill(-guard, 'SIGKILL');
    this.signal(which === 'group' ? 'all' : which, 'SIGKILL');
  }

  signal(which: keyof typeof PROCESSES, name: NodeJS.Signals): void {
    for (const pid of this.pids(which)) process.kill(pid, name);
  }

  /** Takes keepalived away from the machine, or puts it there again. */
  async setInstalled(isInstalled: boolean): Promise<void> {
    const path = join(this.programs, 'keepalived');
    if (isInstalled) await rename(`${path}.away`, path);
    else await rename(path, `${path}.away`);
    await chmod(isInstalled ? path : `${path}.away`, 0o755);
  }

  /** Another announcer over what stands, as after an end of the agent. */
  async restartAgent(): Promise<void> {
    await this.announcer.close();
    this.announcer = this.another();
  }

  /** One beside this node's own. */
  another(): VrrpAnnouncer {
    return new VrrpAnnouncer(this.settings);
  }

  async end(): Promise<void> {
    this.signal('all', 'SIGCONT');
    await this.apply([]);
    await until('no process of the node to be left', () => {
      const left = commandLines().filter((line) => line.includes(this.settings.directory));
      if (left.length > 0) throw new Error(left.join('; '));
      return true;
    });
    await rm(this.settings.directory, { recursive: true, force: true });
    await this.restartAgent();
  }

  private pid(file: string): number {
    try {
      return Number(readFileSync(join(this.settings.directory, file), 'utf8'));
    } catch {
      return 0;
    }
  }
}

/** Of all processes of the machine. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
