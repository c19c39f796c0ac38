import type { Guard } from './guard.js';
import { CodedError } from '@signalbox/contracts';
import { type KeepalivedState, readDump } from './keepalived-dump.js';
import { joinRemovals, type KeepalivedText } from './keepalived-text.js';
import { runProgram } from '../run-program.js';
import { unavailable } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Longest that a keepalived may take to start; whoever waits for longer is told that it does not. Milliseconds. */
const MOST_START_MS = 5_000;

/** Longest report of a bad file, and end of the log, that an error repeats. Characters. */
const MOST_REPORT_CHARACTERS = 500;

/** Looks for an answer for each time that it is asked. */
const LOOKS_PER_QUESTION = 50;

const ADVICE = 'install keepalived 2.2 or newer, or name the program';

/** What came of a change. */
export interface Brought {
  /** Undefined: keepalived is not to run. */
  readonly state: KeepalivedState | undefined;
  readonly writes: number;
}

/** keepalived with the file that is wanted, kept by its guard. It runs while there are VIPs, and only then. */
export class Keepalived {
  constructor(
    private readonly guard: Guard,
    private readonly program: string,
  ) {}

  /** Whether it shall run. */
  get isWanted(): boolean {
    return this.guard.read('config') !== undefined;
  }

  /** Undefined: it is not to run. Rejects with `announcer-unavailable` when it does not answer. */
  async state(time: OrderTime): Promise<KeepalivedState | undefined> {
    if (!this.isWanted) return undefined;
    if (!this.runs) throw this.absence();
    return this.ask(time);
  }

  /**
   * Makes keepalived run with this text, without a change of leader where it leads already. Rejects with `announce-refused` when it does
   * not take the text: it goes on with the one before then.
   */
  async bring(wanted: KeepalivedText, time: OrderTime): Promise<Brought> {
    const { guard } = this;
    const standing = this.runs ? await this.ask(time) : undefined;
    const [text, before = ''] = [guard.read('config'), guard.read('removal')];
    if (standing?.routerId === wanted.routerId && text === wanted.text) return { state: standing, writes: 0 };
    if (text !== wanted.text) {
      await this.check(wanted, time);
      await guard.write('removal', joinRemovals(before, wanted.removal));
      await guard.write('config', wanted.text);
    }
    if (standing) guard.tellKeepalived('SIGHUP');
    else if (guard.isAlive) guard.hurry();
    else guard.start();
    const state = await this.untilTaken(wanted.routerId, time);
    // what is not named any more is away now
    if (before !== wanted.removal) await guard.write('removal', wanted.removal);
    return { state, writes: Math.max(1, differingLines(before, wanted.removal)) };
  }

  /** Ends it: another node leads from then on. */
  async end(time: OrderTime): Promise<Brought> {
    const { guard } = this;
    const standing = guard.read('removal') ?? '';
    if (!this.isWanted && !guard.isAlive && standing === '') return { state: undefined, writes: 0 };
    await guard.remove('config');
    // one that was killed may have left something, which the next one takes away
    guard.start();
    await guard.end(time);
    await guard.remove('removal');
    return { state: undefined, writes: Math.max(1, differingLines(standing, '')) };
  }

  private get runs(): boolean {
    return this.guard.isAlive && this.guard.runsKeepalived;
  }

  private async ask(time: OrderTime): Promise<KeepalivedState> {
    const { guard } = this;
    await guard.remove('dump');
    for (let looks = 0; ; looks += 1) {
      // one that has only begun may miss it
      if (looks % LOOKS_PER_QUESTION === 0) guard.tellKeepalived('SIGUSR1');
      const state = readDump(guard.read('dump') ?? '');
      if (state) return state;
      await time.pause('keepalived to say how it is');
      if (!guard.runsKeepalived) throw this.absence();
    }
  }

  /** Waits until it runs with the text of this name, and has on the interface what it leads. */
  private async untilTaken(routerId: string, time: OrderTime): Promise<KeepalivedState> {
    for (const end = performance.now() + MOST_START_MS; performance.now() < end;) {
      const state = this.runs ? await this.ask(time).catch(notYet(time)) : undefined;
      if (state?.routerId === routerId && hasAllItLeads(state)) return state;
      await time.pause('keepalived to take its file');
    }
    throw this.absence();
  }

  private async check({ text }: KeepalivedText, time: OrderTime): Promise<void> {
    const { guard } = this;
    await guard.write('tried', text);
    try {
      const { code, err } = await runProgram(
        this.program,
        ['--config-test', '-f', guard.pathOf('tried')],
        time,
        { advice: ADVICE },
      );
      if (code === 0) return;
      const report = err.trim().slice(0, MOST_REPORT_CHARACTERS);
      throw new CodedError('announce-refused', `keepalived does not take its file: ${report}`);
    } finally {
      await guard.remove('tried');
    }
  }

  private absence(): CodedError {
    const log = (this.guard.read('log') ?? '').trim().slice(-MOST_REPORT_CHARACTERS);
    return unavailable(`keepalived does not run; it said last: ${log === '' ? 'nothing' : log}`);
  }
}

function hasAllItLeads({ routers }: KeepalivedState): boolean {
  return routers.every(({ state, vips }) => state !== 'MASTER' || vips.every(({ isSet }) => isSet));
}

/** One that ends while it is asked may be about to start again. */
function notYet({ signal }: OrderTime): (error: unknown) => undefined {
  return (error) => {
    if (signal.aborted) throw error;
    return undefined;
  };
}

function differingLines(before: string, after: string): number {
  const [old, now] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  return [...old].filter((line) => !now.has(line)).length + [...now].filter((line) => !old.has(line)).length;
}
