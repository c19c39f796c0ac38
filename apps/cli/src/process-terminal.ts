import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Output, Terminal } from './terminal.js';

/** The terminal of this process. */
export function processTerminal(checkoutDir: string): Terminal {
  return {
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    home: process.env['HOME'] ?? homedir(),
    checkoutDir,
    version: versionOf(checkoutDir),
    readStdin,
    nowMs: () => Date.now(),
    sleep: async (ms, signal) => {
      await sleep(ms, undefined, { signal }).catch((error: unknown) => {
        if (!signal?.aborted) throw error;
      });
    },
    interrupted,
    random: () => Math.random(),
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  };
}

/** A reader that went away (`| head`) ends the command quietly, as other commands of a pipe do. */
function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    isTty: stream.isTTY,
    get columns() {
      return stream.columns;
    },
    write: (text) => void stream.write(text),
  };
}

/** Once: a second Ctrl-C ends a process that hangs. */
function interrupted(): AbortSignal {
  const control = new AbortController();
  process.once('SIGINT', () => control.abort());
  return control.signal;
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function versionOf(checkoutDir: string): string {
  const text = readFileSync(join(checkoutDir, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
