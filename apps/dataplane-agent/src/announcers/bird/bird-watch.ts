import { createConnection, type Socket } from 'node:net';
import { AnswerReader } from './bird-answers.js';

/** Between two tries to reach a BIRD that went away. Milliseconds. */
const AGAIN_MS = 1_000;

/** What BIRD keeps for who does not listen at once, the most that it takes; what is more is lost, and said to be. Bytes. */
const BUFFER_BYTES = 65_536;

/** What may be told without an end before it is taken for no BIRD. Characters. */
const MOST_CHARACTERS = 1024 * 1024;

/** What BIRD says of its sessions, of being told anew, and of what it could not say. */
const CHANGES = /: State changed to |: Session to .* changed state |^Reconfigured$|^<\d+ messages lost>/;

/**
 * Listens to the log that BIRD echoes to its control sockets: the protocols of our file say when their state changes, so nobody has to ask
 * again and again. A BIRD that ends or starts is a change too.
 */
export class BirdWatch {
  private readonly listeners = new Set<() => void>();
  private socket: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStarted = false;

  constructor(private readonly path: string) {}

  onChange(changed: () => void): void {
    this.listeners.add(changed);
  }

  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.connect();
  }

  stop(): void {
    this.isStarted = false;
    clearTimeout(this.timer);
    this.socket?.destroy();
    this.socket = undefined;
  }

  private connect(): void {
    let isReached = false;
    const reader = new AnswerReader((line) => {
      if (CHANGES.test(line)) this.tell();
    });
    const socket = createConnection({ path: this.path }, () => socket.write(`echo all ${BUFFER_BYTES}\n`));
    this.socket = socket;
    socket.setEncoding('utf8').unref();
    socket.on('data', (text: string) => {
      if (!isReached) this.tell();
      isReached = true;
      reader.take(text);
      if (reader.held > MOST_CHARACTERS) socket.destroy();
    });
    // why is told by whoever asks next
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket !== socket) return;
      if (isReached) this.tell();
      this.timer = setTimeout(() => this.connect(), AGAIN_MS).unref();
    });
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
