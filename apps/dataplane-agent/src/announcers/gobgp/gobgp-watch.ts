import type { ClientReadableStream } from '@grpc/grpc-js';
import type { GobgpClient } from './gobgp-client.js';

/** Between two tries to listen to a gobgpd that went away. Milliseconds. */
const AGAIN_MS = 1_000;

/** That the state of a session is another one, of the kinds of events. */
const STATE = 3;

/** Listens to what gobgpd tells of its sessions; one that ends or starts is a change too. */
export class GobgpWatch {
  private readonly listeners = new Set<() => void>();
  private stream: ClientReadableStream<unknown> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStarted = false;

  constructor(private readonly client: GobgpClient) {}

  onChange(changed: () => void): void {
    this.listeners.add(changed);
  }

  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.listen();
  }

  stop(): void {
    this.isStarted = false;
    clearTimeout(this.timer);
    this.stream?.cancel();
    this.stream = undefined;
  }

  private listen(): void {
    let isReached = false;
    const stream = this.client.watch<{ readonly peer?: { readonly type: number } }>('WatchEvent', {
      peer: {},
    });
    this.stream = stream;
    stream.on('metadata', () => {
      isReached = true;
      this.tell();
    });
    stream.on('data', ({ peer }: { readonly peer?: { readonly type: number } }) => {
      if (peer?.type === STATE) this.tell();
    });
    // why is told by whoever asks next
    stream.on('error', () => undefined);
    stream.on('close', () => {
      if (this.stream !== stream) return;
      if (isReached) this.tell();
      this.timer = setTimeout(() => this.listen(), AGAIN_MS).unref();
    });
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
