import { createConnection } from 'node:net';
import { CodedError } from '@signalbox/contracts';
import { type Expiry, unavailable } from './expiry.js';
import { systemCode } from './system-code.js';

/** Longest answer: the statistics of 50,000 servers are a third of it. Bytes. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

/** Commands that are sent in one line: half of what HAProxy reads of one. Characters. */
const MOST_LINE_CHARACTERS = 8_000;

const CUT_OFF: readonly unknown[] = ['ECONNRESET', 'EPIPE'];

/** Nobody listens at the socket. */
const ABSENT: readonly unknown[] = ['ENOENT', 'ECONNREFUSED'];

/**
 * A Unix socket that takes commands of HAProxy, that of its worker or that of its master. Each order has a connection of its own:
 * after a reload another process listens there, and a connection that stood would go on talking to the one before.
 */
export class ControlSocket {
  constructor(readonly path: string) {}

  /**
   * What HAProxy answers to one line. Our side is closed behind the line: the master ends its
   * answer only then. Rejects with
   * `data-plane-unavailable`, at the latest when the time is over.
   */
  async ask(line: string, expiry: Expiry): Promise<string> {
    const what = `an answer of HAProxy at ${this.path}`;
    expiry.check(what);
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path: this.path, allowHalfOpen: true });
      const parts: Buffer[] = [];
      let size = 0;
      const end = (error?: unknown) => {
        expiry.signal.removeEventListener('abort', giveUp);
        socket.destroy();
        if (error === undefined) resolve(Buffer.concat(parts).toString());
        else reject(error);
      };
      const giveUp = () => end(expiry.over(what));
      expiry.signal.addEventListener('abort', giveUp);
      socket.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size > MOST_ANSWER_BYTES) end(unavailable(`HAProxy at ${this.path} answers without end`));
      });
      socket.on('end', () => end());
      socket.on('error', (error) => end(unavailable(`HAProxy at ${this.path}: ${error.message}`, error)));
      socket.end(`${line}\n`);
    });
  }

  /** Sends all commands, as few lines as they fit into, in their order; the answers are put together. */
  async tell(commands: readonly string[], expiry: Expiry): Promise<string> {
    let answers = '';
    for (const line of linesOf(commands)) answers += await this.ask(line, expiry);
    return answers;
  }
}

/** Whether an error of {@link ControlSocket.ask} says that nobody listens there. */
export function isAbsent(error: unknown): boolean {
  return error instanceof CodedError && ABSENT.includes(systemCode(error.cause));
}

/** Whether an error of {@link ControlSocket.ask} says that the process behind it went away, or began anew, meanwhile. */
export function isCutOff(error: unknown): boolean {
  return error instanceof CodedError && CUT_OFF.includes(systemCode(error.cause));
}

/** One word of a command, whatever characters it has. */
export function commandWord(word: string): string {
  return word.replaceAll(/[\\ ;]/g, (character) => `\\${character}`);
}

function linesOf(commands: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const command of commands) {
    if (line !== '' && line.length + command.length >= MOST_LINE_CHARACTERS) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? command : `${line};${command}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}
