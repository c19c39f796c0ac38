import { createSocket, type Socket } from 'node:dgram';
import { addressFamily } from '@signalbox/contracts';
import { isTooLong, Stillness } from './idle-sweep.js';
import { SIM_LIMITS } from './limits.js';
import type { SimListener } from './sim-listener.js';
import type { Carried, Target } from './target.js';

/** Where the datagrams of a flow come from, and how they are answered there. */
export interface FlowClient {
  readonly address: string;
  readonly port: number;
  answer(datagram: Buffer): void;
  /** The flow ended: the next datagram of this client begins a new one. */
  ended(): void;
}

/** The datagrams between one client and one target, by a socket of their own, until there is none for a while. */
export class UdpFlow implements Carried {
  bytesIn = 0;
  bytesOut = 0;
  private target?: Target;
  private upstream?: Socket;
  private readonly stillness = new Stillness();
  private datagrams = 0;
  /** Datagrams that came before the socket was ready; undefined: it is. */
  private waiting?: Buffer[] = [];

  private constructor(
    private readonly client: FlowClient,
    private readonly listener: SimListener,
  ) {}

  /** A flow of a client that has none; undefined: it is refused. */
  static begin(client: FlowClient, listener: SimListener): UdpFlow | undefined {
    const flow = new UdpFlow(client, listener);
    if (!listener.admit(flow)) return undefined;
    const target = listener.assign(flow, client, []);
    if (!target) {
      listener.refuse();
      listener.end(flow, undefined);
      return undefined;
    }
    flow.connectTo(target);
    return flow;
  }

  /** To the target; counted when it is handed to the system. */
  forward(datagram: Buffer): void {
    this.datagrams += 1;
    if (!this.waiting) this.send(datagram);
    else if (this.waiting.length < SIM_LIMITS.waitingDatagrams) this.waiting.push(datagram);
  }

  look(nowMs: number): void {
    if (isTooLong(this.stillness.at(nowMs, this.datagrams), this.listener.timeouts.targetMs)) this.end();
  }

  cut(): void {
    this.end();
  }

  private connectTo(target: Target): void {
    this.target = target;
    const upstream = createSocket(addressFamily(target.address) === 'IPv4' ? 'udp4' : 'udp6');
    this.upstream = upstream;
    upstream.on('message', (datagram) => {
      this.datagrams += 1;
      this.bytesOut += datagram.length;
      this.client.answer(datagram);
    });
    // The system tells of a port where nobody listens.
    upstream.on('error', () => this.fail(target));
    upstream.connect(target.port, target.address, () => this.ready(target));
  }

  private ready(target: Target): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    this.listener.reached(target);
    for (const datagram of waiting) this.send(datagram);
  }

  private send(datagram: Buffer): void {
    const { upstream } = this;
    if (!upstream || upstream.getSendQueueSize() > SIM_LIMITS.queuedBytes) return;
    this.bytesIn += datagram.length;
    upstream.send(datagram);
  }

  private fail(target: Target): void {
    if (!this.upstream) return;
    target.errorsTotal += 1;
    this.end();
  }

  private end(): void {
    const { upstream } = this;
    if (!upstream) return;
    this.upstream = undefined;
    upstream.close();
    this.listener.end(this, this.target);
    this.client.ended();
  }
}
