import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { failureText } from './failure-text.js';
import { PROBE_LIMITS } from './limits.js';
import { printedShortage, shortageOf } from './local-shortage.js';
import { type ProberAnswer, type ProberRequest, unreachable } from './prober-messages.js';
import type { ProbeResult, ProbeTarget } from './probe.js';

/** The shortage of a prober process that worked and is gone. */
const LOST = 'prober-lost';

/** Why a prober process is gone. */
export interface ChildEnd {
  /** For people: what its probes fail with. */
  readonly detail: string;
  /** It had made at least one probe. */
  readonly hasWorked: boolean;
  /** Set when it is our own fault alone, and no sign that the namespace cannot be entered. */
  readonly shortage?: string;
}

export interface ProberChildSettings {
  readonly namespace: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds beyond its deadline after which a probe is given up, and the process with it. */
  readonly graceMs: number;
}

/**
 * The prober process of a namespace. When it ends, so do the probes it has in work: without a verdict when it had worked
 * before or we are short of something, else with `L4CON`, since the namespace cannot be entered.
 */
export class ProberChild {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly waiting = new Map<number, (result: ProbeResult) => void>();
  private readonly ended: Promise<void>;
  private lastId = 0;
  private hasWorked = false;
  private reason: string | undefined;
  private shortage: string | undefined;
  private stderr = '';

  /** `onEnd` is called once. Throws when there can be no such process. */
  constructor(
    private readonly settings: ProberChildSettings,
    private readonly onEnd: (end: ChildEnd) => void,
  ) {
    const [program = '', ...args] = settings.command;
    this.child = spawn(program, args, { env: settings.env, stdio: ['pipe', 'pipe', 'pipe'] });
    const { child } = this;
    child.once('error', (error: NodeJS.ErrnoException) => {
      this.shortage ??= shortageOf(error);
      this.reason ??= error.code === 'ENOENT' ? `${program} is not installed` : failureText(error);
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.finish(`it ended with ${signal ?? code}`);
        resolve();
      });
    });
    // Without a free file descriptor there are no pipes either.
    if (!child.stdin) throw Object.assign(new Error(`cannot start ${program}`), { code: 'EMFILE' });
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.take(line));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-PROBE_LIMITS.stderrTailBytes);
    });
  }

  /** Never rejects. */
  probe(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const id = (this.lastId += 1);
    return new Promise((resolve) => {
      const cancel = (): void => {
        this.send({ cancel: id });
        this.settle(id, unreachable('cancelled'));
      };
      const patienceMs = target.timeoutMs + this.settings.graceMs;
      const timer = setTimeout(() => this.kill('it does not answer'), patienceMs);
      this.waiting.set(id, (result) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        resolve(result);
      });
      signal.addEventListener('abort', cancel);
      this.send({ id, target });
    });
  }

  /** Lets it end, by force after a grace. */
  async close(): Promise<void> {
    this.reason ??= 'the prober is closed';
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PROBE_LIMITS.closeGraceMs);
    await this.ended;
    clearTimeout(timer);
  }

  private kill(reason: string): void {
    this.reason ??= reason;
    this.child.kill('SIGKILL');
  }

  private send(request: ProberRequest): void {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
  }

  private take(line: string): void {
    const answer = parseAnswer(line);
    if (!answer) return this.kill('what it writes is no answer');
    this.hasWorked = true;
    this.settle(answer.id, answer.result);
  }

  private settle(id: number, result: ProbeResult): void {
    const settle = this.waiting.get(id);
    this.waiting.delete(id);
    settle?.(result);
  }

  private finish(exit: string): void {
    const said = this.stderr.trim().split('\n').at(-1);
    const reason = this.reason ?? (said || exit);
    const what = this.hasWorked ? 'lost the prober of' : 'cannot enter';
    const detail = `${what} network namespace ${this.settings.namespace}: ${reason}`;
    const shortage = this.shortage ?? (this.hasWorked ? LOST : printedShortage(reason));
    this.onEnd({ detail, hasWorked: this.hasWorked, ...(shortage !== undefined && { shortage }) });
    for (const id of [...this.waiting.keys()]) this.settle(id, unreachable(detail, shortage));
  }
}

function parseAnswer(line: string): ProberAnswer | undefined {
  try {
    const answer = JSON.parse(line) as Partial<ProberAnswer> | null;
    return typeof answer?.id === 'number' && answer.result ? (answer as ProberAnswer) : undefined;
  } catch {
    return undefined;
  }
}
