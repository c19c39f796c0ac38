// The frame of every figure: repetitions on a quiet machine, a limit of the same run, a goal, one row.
import { judge } from './goals.mjs';
import { LOOK_MS, othersShare, QUIET_SHARE, untilQuiet } from './machine.mjs';
import { spread } from './statistics.mjs';
import { headLines, rowLines } from './table.mjs';

/** How long a repetition waits for a quiet machine, and all of them together. Milliseconds. */
const PATIENCE = { full: 20_000, quick: 1000, inAll: 300_000 };

/**
 * One run of the bench: what is measured, and how thoroughly.
 *
 * `seconds`: how long one repetition of most figures lasts. `syncs`: how JetStream syncs to disk, `default` (the server's
 * own choice) first, `always` for the figures where it matters.
 */
export class Frame {
  rows = [];
  patience = PATIENCE.inAll;

  constructor({ quick, seconds, repetitions, syncs }) {
    Object.assign(this, { quick, seconds, repetitions, syncs });
  }

  /** Numbers of the repetitions, from 1. */
  get rounds() {
    return Array.from({ length: this.repetitions }, (_, n) => n + 1);
  }

  /** A smaller amount of something for a quick run. */
  scaled(full, quick) {
    return this.quick ? quick : full;
  }

  title(text) {
    for (const line of headLines(text)) console.log(line);
  }

  progress(text) {
    console.error(`bench: ${text}`);
  }

  /** Says what this run leaves out. */
  leftOut(text) {
    console.log(`left out: ${text}`);
  }

  /**
   * Does one measurement when the machine is quiet, or when it did not become so in time.
   *
   * @returns {Promise<{ result: unknown, condition: { before: number, during: number } }>} condition: which share of
   *   the machine others used just before, and meanwhile
   */
  async measured(what, work) {
    this.progress(what);
    const began = performance.now();
    const before = await untilQuiet(Math.min(this.patience, this.scaled(PATIENCE.full, PATIENCE.quick)));
    this.patience = Math.max(0, this.patience - Math.max(0, performance.now() - began - LOOK_MS));
    const look = othersShare();
    const result = await work();
    return { result, condition: { before, during: look() } };
  }

  /**
   * Begins a row; `close()` prints it.
   *
   * @param {{ figure: string, unit: string, sync?: string, limitName?: string, goals?: object[], perUnit?: string }} about
   *   perUnit: of what the processor time is told, `fact` for instance
   */
  row(about) {
    return new Row(this, about);
  }
}

/** Samples of one figure and of its limit. */
class Row {
  samples = [];
  limits = [];
  conditions = [];
  cpus = [];
  notes = [];

  constructor(frame, about) {
    this.frame = frame;
    this.about = about;
  }

  /** @param {{ cpu?: Record<string, number>, condition?: object }} more cpu: microseconds per unit by process */
  add(value, { cpu, condition } = {}) {
    this.samples.push(value);
    if (cpu) this.cpus.push(cpu);
    if (condition) this.conditions.push(condition);
  }

  addLimit(value, { condition } = {}) {
    this.limits.push(value);
    if (condition) this.conditions.push(condition);
  }

  /** Something that a reader of this row has to know; told once. */
  note(text) {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  close() {
    const { figure, unit, sync = 'default', limitName, goals = [], perUnit } = this.about;
    const row = { figure, unit, sync, ...spread(this.samples), repetitions: this.samples.length };
    if (this.limits.length > 0) {
      const { value, min, max } = spread(this.limits);
      const beside = { ratio: row.value / value, excess: row.value - value };
      Object.assign(row, { limit: value, limitMin: min, limitMax: max, limitName, ...beside });
    }
    const verdict = judge(row, goals);
    if (verdict) row.goal = verdict;
    if (this.cpus.length > 0) row.cpu = { per: perUnit, micros: medians(this.cpus) };
    Object.assign(row, this.disturbance());
    if (this.notes.length > 0) row.notes = this.notes;
    this.frame.rows.push(row);
    for (const line of rowLines(row)) console.log(line);
  }

  /** What others did to the machine, at worst; `quiet: false` when a repetition never saw it quiet. */
  disturbance() {
    if (this.conditions.length === 0) return {};
    const worst = (name) => Math.max(...this.conditions.map((condition) => condition[name]));
    const [before, during] = [worst('before'), worst('during')];
    return { quiet: !(before > QUIET_SHARE), othersBefore: before, othersMeanwhile: during };
  }
}

function medians(cpus) {
  const labels = [...new Set(cpus.flatMap((cpu) => Object.keys(cpu)))];
  const entries = labels.map((label) => [label, spread(cpus.map((cpu) => cpu[label] ?? 0)).value]);
  return Object.fromEntries(entries.sort((a, b) => b[1] - a[1]));
}
