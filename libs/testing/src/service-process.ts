import { type ChildProcess, spawn } from 'node:child_process';
import { until } from './until.js';

/** What to start and how. `env` is the whole environment, with the HTTP_PORT on which it shall listen. */
export interface ServiceCommand {
  /** Absolute path of a built `main.js`. */
  readonly main: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Text that it prints when it is ready; without it, its own `/readyz` decides alone. */
  readonly readyText?: string;
  /** Most descriptors that it may have open. */
  readonly descriptors?: number;
  /** Gets everything that the process prints. */
  readonly onOutput?: (text: string) => void;
}

/** How long a process may take to say that it is ready. Milliseconds. */
const START_MS = 180_000;

/** A process of one or several services, as an operator would run it. */
export class ServiceProcess {
  readonly url: string;
  private readonly child: ChildProcess;
  private output = '';

  /** Starts it; {@link ready} tells when it can be used. */
  constructor(private readonly command: ServiceCommand) {
    const { main, args = [], cwd, env, onOutput, descriptors } = command;
    this.url = `http://127.0.0.1:${env['HTTP_PORT']}`;
    const limit = descriptors === undefined ? [] : ['sh', '-c', `ulimit -n ${descriptors} && exec "$0" "$@"`];
    const [program = '', ...given] = [...limit, process.execPath, main, ...args];
    const child = spawn(program, given, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        onOutput?.(text);
      });
    }
    this.child = child;
  }

  /** Resolves when it is ready. Ends it and throws with what it printed when it ends or takes too long. */
  async ready(): Promise<void> {
    try {
      await until(
        'the process to be ready or to end',
        async () => !this.isRunning || (this.hasSaidReady && (await fetch(`${this.url}/readyz`)).ok),
        START_MS,
      );
      if (!this.isRunning) throw new Error(`it ended with ${this.child.exitCode ?? this.child.signalCode}`);
    } catch (cause) {
      await this.end('SIGKILL');
      throw new Error(`${this.command.main} did not start:\n${this.output}`, { cause });
    }
  }

  private get hasSaidReady(): boolean {
    return this.output.includes(this.command.readyText ?? '');
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves with the exit code when the process is gone; null when a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.isRunning) return this.child.exitCode;
    const gone = new Promise<number | null>((resolve) => this.child.once('exit', (code) => resolve(code)));
    this.child.kill(signal);
    return gone;
  }
}
