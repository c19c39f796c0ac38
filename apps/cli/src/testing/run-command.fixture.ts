import { runSignalbox } from '../program.js';
import type { Terminal } from '../terminal.js';

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Fixed clock of the specs. */
export const NOW = '2026-05-30T12:00:00.000Z';

/** Runs the program as a terminal would, without colour, with a fixed clock, fixed randomness and no pauses. */
export async function runCommand(
  args: readonly string[],
  given: Partial<Omit<Terminal, 'out' | 'err'>> & {
    readonly stdin?: string | Uint8Array;
    readonly tty?: boolean;
    readonly onOut?: (text: string) => void;
  } = {},
): Promise<Ended> {
  const { stdin = '', tty = false, onOut, ...terminal } = given;
  let out = '';
  let err = '';
  const code = await runSignalbox(args, {
    ...stubTerminal(),
    out: {
      isTty: tty,
      write: (text) => {
        out += text;
        onOut?.(text);
      },
    },
    err: { isTty: tty, write: (text) => void (err += text) },
    readStdin: () => Promise.resolve(Buffer.from(stdin as Uint8Array)),
    ...terminal,
  });
  return { code, out, err };
}

/** A machine with nothing on it, whose clock stands. */
export function stubTerminal(): Terminal {
  return {
    out: { isTty: false, write: () => undefined },
    err: { isTty: false, write: () => undefined },
    env: {},
    cwd: '/nowhere',
    home: '/nowhere',
    checkoutDir: '/nowhere',
    version: '0.1.0',
    readStdin: () => Promise.resolve(new Uint8Array()),
    nowMs: () => Date.parse(NOW),
    sleep: () => Promise.resolve(),
    interrupted: () => new AbortController().signal,
    random: () => 0,
    randomHex: (bytes) => '0123456789abcdef'.repeat(bytes).slice(0, bytes * 2),
  };
}
