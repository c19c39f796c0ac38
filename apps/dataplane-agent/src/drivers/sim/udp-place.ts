import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { addressFamily } from '@signalbox/contracts';
import type { BoundPlace } from './bound-place.js';
import { SIM_LIMITS } from './limits.js';
import { type Place, targetKey } from '../place.js';
import type { SimListener } from './sim-listener.js';
import { UdpFlow } from './udp-flow.js';

/** A UDP socket that clients send to, and the flows that are answered by it: it stays until the last of them has ended. */
export class UdpPlace implements BoundPlace {
  owner: SimListener | undefined;
  private readonly flows = new Map<string, UdpFlow>();
  /** There while it waits for the last flow. */
  private gone?: () => void;
  private closed = false;

  private constructor(
    private readonly socket: Socket,
    readonly place: Place,
  ) {
    socket.on('message', (datagram, from) => this.take(datagram, from));
    // A client that is gone is told of by the system, and is no fault of this socket.
    socket.on('error', () => undefined);
  }

  /** Port 0: a free one. Rejects with the error of the system. */
  static async bind({ address, port }: Place): Promise<UdpPlace> {
    const type = addressFamily(address) === 'IPv4' ? 'udp4' : 'udp6';
    const socket = createSocket({ type, ipv6Only: type === 'udp6' });
    socket.bind({ address, port, exclusive: true });
    try {
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpPlace(socket, { address, port: socket.address().port });
  }

  release(gone: () => void): void {
    this.owner = undefined;
    this.gone = gone;
    this.endWhenIdle();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const flow of [...this.flows.values()]) flow.cut();
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  private take(datagram: Buffer, from: RemoteInfo): void {
    const key = targetKey(from);
    const flow = this.flows.get(key) ?? (this.owner && this.begin(key, from, this.owner));
    flow?.forward(datagram);
  }

  private begin(key: string, { address, port }: RemoteInfo, owner: SimListener): UdpFlow | undefined {
    const flow = UdpFlow.begin(
      {
        address,
        port,
        answer: (datagram) => this.answer(datagram, port, address),
        ended: () => {
          this.flows.delete(key);
          this.endWhenIdle();
        },
      },
      owner,
    );
    if (flow) this.flows.set(key, flow);
    return flow;
  }

  private answer(datagram: Buffer, port: number, address: string): void {
    if (this.closed || this.socket.getSendQueueSize() > SIM_LIMITS.queuedBytes) return;
    this.socket.send(datagram, port, address);
  }

  private endWhenIdle(): void {
    if (this.owner || this.closed || !this.gone || this.flows.size > 0) return;
    this.closed = true;
    this.socket.close();
    this.gone();
  }
}
