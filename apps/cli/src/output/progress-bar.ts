import type { Terminal } from '../terminal.js';

/** How far something is. */
export interface Progress {
  readonly label: string;
  /** Of `total`; in any unit. */
  readonly done: number;
  readonly total: number;
  /** What was handled by now, of which the rate is shown. */
  readonly count: number;
}

/** Characters of the bar between its brackets. */
const WIDTH = 30;

/** One line of stderr that says how far a command is; nothing when that is no terminal. */
export class ProgressBar {
  private began: { readonly label: string; readonly atMs: number; readonly count: number } | undefined;
  private isShown = false;

  constructor(private readonly terminal: Pick<Terminal, 'err' | 'nowMs'>) {}

  show(progress: Progress): void {
    const { err } = this.terminal;
    if (!err.isTty) return;
    const nowMs = this.terminal.nowMs();
    if (this.began?.label !== progress.label)
      this.began = { label: progress.label, atMs: nowMs, count: progress.count };
    const seconds = (nowMs - this.began.atMs) / 1000;
    const rate = seconds > 0 ? (progress.count - this.began.count) / seconds : undefined;
    err.write(`\r\x1b[K${progressText(progress, rate)}`);
    this.isShown = true;
  }

  /** The line is free again. */
  clear(): void {
    if (this.isShown) this.terminal.err.write('\r\x1b[K');
    this.isShown = false;
  }
}

/** `facts.default [#####-----]  50 %  12,000/s`; nothing to do is all done. */
export function progressText({ label, done, total }: Progress, perSecond?: number): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
  const filled = Math.floor(share * WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(WIDTH - filled);
  const percent = String(Math.floor(share * 100)).padStart(3);
  const rate = perSecond === undefined ? '' : `  ${Math.round(perSecond).toLocaleString('en-US')}/s`;
  return `${label} [${bar}] ${percent} %${rate}`;
}
