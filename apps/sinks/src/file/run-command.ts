import { type ChildProcess, spawn } from 'node:child_process';

/** Bounds of a command: bytes of its output that are kept, and milliseconds from SIGTERM to SIGKILL, and from there to giving up. */
export const COMMAND_LIMITS = { outputBytes: 8 * 1024, killGraceMs: 2000, reapGraceMs: 250 } as const;

/** One command to run. */
export interface CommandRequest {
  /** Program and arguments; no shell. */
  readonly argv: readonly [string, ...string[]];
  /** Its PATH, and all of its environment. */
  readonly searchPath: string;
  /** Milliseconds until its deadline. */
  readonly timeoutMs: number;
  /** As whom it runs, with that group and no others; absent: as we do. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Ends it as a deadline does. */
  readonly signal: AbortSignal;
}

/** How a command ended. */
export interface CommandEnd {
  /** Why it counts as failed; undefined when it exited with 0. */
  readonly failure?: string;
  /** The end of what it wrote on both outputs, in the order in which it came. Empty: nothing. */
  readonly output: string;
}

/**
 * Runs a command to its end, and never throws for what it does. It leads a process group of its own, in `/`, with nothing on its input. At the
 * deadline the group gets SIGTERM and 2 s later SIGKILL. What it writes is read, however much, and its last 8 KiB are kept. It has
 * ended when it has exited; who of its group is left then is killed, so a program that stays must leave the group.
 */
export function runCommand(request: CommandRequest): Promise<CommandEnd> {
  const { argv, searchPath, user, signal } = request;
  const [program, ...args] = argv;
  if (signal.aborted) return Promise.resolve({ failure: 'the service stops', output: '' });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { PATH: searchPath },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    supervise(child, request, resolve);
  });
}

function supervise(child: ChildProcess, request: CommandRequest, resolve: (end: CommandEnd) => void): void {
  const { signal, timeoutMs } = request;
  const output = new OutputEnd();
  const timers: NodeJS.Timeout[] = [];
  let stopped: string | undefined;

  const end = (failure: string | undefined): void => {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    signalGroup(child.pid, 'SIGKILL');
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    resolve({ ...(failure !== undefined && { failure }), output: output.text() });
  };
  const stop = (why: string): void => {
    if (stopped !== undefined) return;
    stopped = why;
    signalGroup(child.pid, 'SIGTERM');
    timers.push(setTimeout(() => signalGroup(child.pid, 'SIGKILL'), COMMAND_LIMITS.killGraceMs));
  };
  const abort = (): void => stop('the service stops');

  timers.push(setTimeout(() => stop(`did not end within ${timeoutMs} ms`), timeoutMs));
  signal.addEventListener('abort', abort, { once: true });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output.take(chunk));
  child.once('error', (error: NodeJS.ErrnoException) =>
    end(`cannot be started (${error.code ?? error.message})`),
  );
  let outcome: string | undefined;
  child.once('exit', (code, killedBy) => {
    const ended = killedBy ? `was ended by ${killedBy}` : code === 0 ? undefined : `exited with ${code}`;
    outcome = stopped ?? ended;
    signalGroup(child.pid, 'SIGKILL');
    // somebody outside of its group may hold its outputs
    timers.push(setTimeout(() => end(outcome), COMMAND_LIMITS.reapGraceMs));
  });
  child.once('close', () => end(outcome));
}

/** The last bytes of an output. */
class OutputEnd {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    while (this.bytes - (this.chunks[0]?.length ?? 0) >= COMMAND_LIMITS.outputBytes)
      this.bytes -= this.chunks.shift()?.length ?? 0;
  }

  /** Text that can be stored: no NUL, no broken characters, at most 8 KiB. */
  text(): string {
    const storable = Buffer.concat(this.chunks)
      .subarray(-COMMAND_LIMITS.outputBytes)
      .toString('utf8')
      .replaceAll('\0', '\uFFFD');
    // a broken character that was replaced is longer than it was
    let bytes = Buffer.from(storable).subarray(-COMMAND_LIMITS.outputBytes);
    while (bytes[0] !== undefined && (bytes[0] & 0b1100_0000) === 0b1000_0000) bytes = bytes.subarray(1);
    return bytes.toString('utf8');
  }
}

/** That nobody is left in a group is what we want. */
function signalGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // of another user's group, when we are not root
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
