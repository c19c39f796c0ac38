import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '@signalbox/runtime';
import { uptimeMs } from '../../leases/uptime.js';
import type { HeldVips } from './held-vips.js';
import type { KernelAddress } from './kernel-addresses.js';
import type { KernelLook, VipKernel } from './vip-kernel.js';

/** After a turn that failed. Milliseconds. */
const AGAIN_MS = 500;

/** Turns of the kernel, one after the other, whenever a lease permits something else than the kernel was told last. */
export class KernelTurns {
  /** Why the last turn failed; undefined: it did not. */
  failure: unknown;
  private readonly permits = new Map<string, number | undefined>();
  private queue: Promise<unknown> = Promise.resolve();
  private isWaking = false;
  private isClosed = false;
  private standing: ReadonlySet<string> = new Set();

  constructor(
    private readonly vips: HeldVips,
    private readonly kernel: VipKernel,
    private readonly log: Log,
  ) {}

  /** Whether the kernel has the address of a VIP, as far as is known. */
  has(address: string): boolean {
    return this.standing.has(address);
  }

  /** A turn that also takes away what belongs to no VIP. Rejects with `announcer-unavailable`. */
  sweep(found: (addresses: readonly KernelAddress[]) => void): Promise<KernelLook> {
    return this.inTurn(() => this.turn(true, found));
  }

  /** What the kernel has now. Rejects with `announcer-unavailable`. */
  look(): Promise<readonly KernelAddress[]> {
    return this.inTurn(async () => {
      const addresses = await this.kernel.look();
      this.note(addresses);
      return addresses;
    });
  }

  /** Makes a turn if leases ask for one. `done`: after each that was made. */
  wake(done: () => void): void {
    if (this.isWaking || this.isClosed || !this.isDue()) return;
    this.isWaking = true;
    void this.inTurn(async () => {
      this.isWaking = false;
      if (this.isClosed) return;
      try {
        await this.turn(false);
        this.vips.turn();
      } catch (error) {
        this.noteFailure(error);
        await delay(AGAIN_MS);
      }
      done();
    }).then(() => this.wake(done));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.queue;
  }

  private isDue(): boolean {
    const nowMs = uptimeMs();
    return (
      this.failure !== undefined ||
      this.vips.all.some((vip) => {
        const permit = this.vips.permit(vip, nowMs);
        return permit === undefined ? vip.state.mayHaveAddress : permit !== this.permits.get(vip.address);
      })
    );
  }

  private async turn(
    sweep: boolean,
    found?: (addresses: readonly KernelAddress[]) => void,
  ): Promise<KernelLook> {
    const look = await this.kernel.turn(sweep, (addresses) => {
      found?.(addresses);
      this.permits.clear();
      const nowMs = uptimeMs();
      for (const vip of this.vips.all) this.permits.set(vip.address, this.vips.permit(vip, nowMs));
    });
    this.standing = look.standing;
    if (this.failure !== undefined) this.log.info({}, 'addresses of VIPs can be set again');
    this.failure = undefined;
    return look;
  }

  private note(addresses: readonly KernelAddress[]): void {
    this.standing = new Set(addresses.filter(({ isOurs }) => isOurs).map(({ address }) => address));
  }

  private noteFailure(error: unknown): void {
    if (this.failure === undefined) this.log.error({ err: error }, 'addresses of VIPs cannot be set');
    this.failure = error;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }
}
