import { connect, type Socket } from 'node:net';
import type { Client } from '../../domain/choice.js';
import { isTooLong, Stillness } from './idle-sweep.js';
import type { SimListener } from './sim-listener.js';
import type { Carried, Target } from './target.js';

/**
 * One client of a TCP listener: finds it a target, and joins the two until both have ended. An end of one side is handed on
 * and the other goes on; a break is handed on as a break, so that nobody takes half an answer for a whole one. What one side
 * does not take, the other is not read for.
 */
export class TcpConnection implements Carried, Client {
  private readonly tried: Target[] = [];
  private readonly stillness = new Stillness();
  private target?: Target;
  private upstream?: Socket;
  private reached = false;

  private constructor(
    private readonly client: Socket,
    private readonly listener: SimListener,
  ) {}

  /** Serves a client. What it says until a target has answered waits in its socket, which takes no more than it may hold. */
  static serve(client: Socket, listener: SimListener): void {
    client.on('error', () => undefined);
    const connection = new TcpConnection(client, listener);
    if (!listener.admit(connection)) {
      client.destroy();
      return;
    }
    client.on('close', () => connection.clientClosed());
    connection.tryNext();
  }

  /** Of the client, and asked of the system only by a choice that goes by it; empty when the client is gone already. */
  get address(): string {
    return this.client.remoteAddress ?? '';
  }

  get port(): number {
    return this.client.remotePort ?? 0;
  }

  get bytesIn(): number {
    return this.client.bytesRead;
  }

  get bytesOut(): number {
    return this.client.bytesWritten - this.client.writableLength;
  }

  look(nowMs: number): void {
    const { connectMs, clientMs, targetMs } = this.listener.timeouts;
    if (!this.reached) {
      if (isTooLong(this.stillness.at(nowMs, -this.tried.length), connectMs)) this.upstream?.destroy();
      return;
    }
    const stillMs = this.stillness.at(nowMs, this.bytesIn + this.bytesOut);
    if (!isTooLong(stillMs, clientMs) && !isTooLong(stillMs, targetMs)) return;
    this.client.destroy();
    this.upstream?.destroy();
  }

  cut(): void {
    this.finish();
    breakOff(this.client);
    if (this.upstream) breakOff(this.upstream);
  }

  private tryNext(): void {
    this.target = this.listener.assign(this, this, this.tried);
    if (!this.target) {
      this.listener.refuse();
      this.finish();
      this.client.destroy();
      return;
    }
    this.tried.push(this.target);
    this.connectTo(this.target);
  }

  private connectTo(target: Target): void {
    const upstream = connect({
      host: target.address,
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
    });
    this.upstream = upstream;
    upstream.on('error', () => undefined);
    upstream.on('connect', () => this.join(target, upstream));
    upstream.on('close', () => this.upstreamClosed(target, upstream));
  }

  private join(target: Target, upstream: Socket): void {
    this.reached = true;
    this.listener.reached(target);
    this.client.pipe(upstream);
    upstream.pipe(this.client);
  }

  private upstreamClosed(target: Target, upstream: Socket): void {
    if (!this.reached && !this.client.destroyed) {
      this.listener.failed(this, target);
      this.target = undefined;
      this.tryNext();
      return;
    }
    if (!endedInOrder(upstream)) breakOff(this.client);
    this.finishWhenBothClosed();
  }

  private clientClosed(): void {
    const { upstream } = this;
    if (upstream && !(this.reached && endedInOrder(this.client))) breakOff(upstream);
    this.finishWhenBothClosed();
  }

  private finishWhenBothClosed(): void {
    if (this.client.closed && (this.upstream?.closed ?? true)) this.finish();
  }

  private finish(): void {
    this.listener.end(this, this.target);
  }
}

/** Whether both directions of a closed socket came to their end. */
function endedInOrder(socket: Socket): boolean {
  return socket.readableEnded && socket.writableFinished && socket.errored === null;
}

/** Ends a socket so that its other side sees a break and no end. */
function breakOff(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
