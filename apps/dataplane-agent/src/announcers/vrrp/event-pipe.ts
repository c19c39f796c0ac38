import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * The fifo to which keepalived tells who leads. Its end tells as well: keepalived has ended. Whatever is told, it is time for a look: what is
 * said is not read, because a reader that was away has missed some of it.
 */
export class EventPipe {
  private socket: Socket | undefined;
  private isClosed = false;

  /** `ended`: every process of keepalived has ended. */
  constructor(
    private readonly path: string,
    private readonly told: () => void,
    private readonly ended: () => void,
  ) {}

  /** Listens, unless it does already. Nothing when there is no fifo yet. */
  open(): void {
    if (this.socket || this.isClosed) return;
    const fd = this.descriptor();
    if (fd === undefined) return;
    const socket = new Socket({ fd, readable: true, writable: false });
    this.socket = socket;
    socket.on('data', () => this.told());
    socket.on('error', () => undefined);
    socket.on('close', () => this.lost(socket));
    socket.unref();
  }

  close(): void {
    this.isClosed = true;
    this.socket?.destroy();
  }

  private lost(socket: Socket): void {
    if (this.socket === socket) this.socket = undefined;
    if (this.isClosed) return;
    // who opens it now hears the next keepalived
    this.open();
    this.ended();
  }

  private descriptor(): number | undefined {
    try {
      const fd = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
      if (fstatSync(fd).isFIFO()) return fd;
      closeSync(fd);
      return undefined;
    } catch {
      return undefined;
    }
  }
}
