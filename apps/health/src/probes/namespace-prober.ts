import { programFile } from '@signalbox/contracts';
import { failureText } from './failure-text.js';
import { PROBE_LIMITS } from './limits.js';
import { shortageOf } from './local-shortage.js';
import type { Prober, ProbeResult, ProbeTarget } from './probe.js';
import { type ChildEnd, ProberChild, type ProberChildSettings } from './prober-child.js';
import { unreachable } from './prober-messages.js';
import { RestartDelay } from './restart-delay.js';

export interface NamespaceProberOptions {
  /** Program and arguments of the prober process, default: `ip netns exec`. */
  readonly command?: readonly string[];
  /** The whole environment of that process, default: none. Secrets are not its business. */
  readonly env?: Readonly<Record<string, string>>;
  /** A clock that only goes forward. */
  readonly nowMs?: () => number;
  /** Default {@link PROBE_LIMITS}.processGraceMs. */
  readonly graceMs?: number;
}

/**
 * Probes from inside a network namespace, by a process that runs there: Node itself cannot enter one. A namespace that
 * cannot be entered is a result, `L4CON`. Regression R18, reference 4.6.
 */
export class NamespaceProber implements Prober {
  private readonly settings: ProberChildSettings;
  private readonly nowMs: () => number;
  private readonly delay = new RestartDelay();
  private child: ProberChild | undefined;
  private last: Pick<ChildEnd, 'detail' | 'shortage'> = { detail: '' };
  private isClosed = false;

  constructor(
    private readonly name: string,
    { command, env, nowMs, graceMs }: NamespaceProberOptions = {},
  ) {
    this.nowMs = nowMs ?? (() => performance.now());
    this.settings = {
      namespace: name,
      command: command ?? enterCommand(name),
      env: env ?? {},
      graceMs: graceMs ?? PROBE_LIMITS.processGraceMs,
    };
  }

  async probe(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    if (signal.aborted) return unreachable('cancelled');
    if (this.isClosed) return unreachable(`network namespace ${this.name} is no longer probed`);
    if (!this.child && this.delay.isOver(this.nowMs())) this.start();
    return this.child ? this.child.probe(target, signal) : unreachable(this.last.detail, this.last.shortage);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.child?.close();
  }

  private start(): void {
    try {
      this.child = new ProberChild(this.settings, (end) => this.onEnd(end));
    } catch (error) {
      const detail = `cannot enter network namespace ${this.name}: ${failureText(error)}`;
      const shortage = shortageOf(error);
      this.onEnd({ detail, hasWorked: false, ...(shortage !== undefined && { shortage }) });
    }
  }

  private onEnd(end: ChildEnd): void {
    this.child = undefined;
    this.last = end;
    this.delay.ended(this.nowMs(), end.hasWorked);
  }
}

function enterCommand(name: string): readonly string[] {
  return ['ip', 'netns', 'exec', name, process.execPath, programFile('prober-process')];
}
