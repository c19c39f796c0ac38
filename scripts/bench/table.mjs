// The figures as a table of at most 118 columns.
import { QUIET_SHARE } from './machine.mjs';
import { isOurs, sumOf } from './processor-time.mjs';
import { rounded } from './statistics.mjs';

const WIDTH = { figure: 44, value: 13, range: 17, limit: 9, ratio: 7 };
const INDENT = '    ';
const LONGEST = 116;
/** Processes of ours that a row names, those that use most. */
const NAMED = 5;

export function headLines(title) {
  const { figure, value, range, limit, ratio } = WIDTH;
  const heads = [
    title.padEnd(figure),
    'median'.padStart(value),
    ' [min-max]'.padEnd(range),
    'limit'.padStart(limit),
    'ratio'.padStart(ratio),
    '  goal',
  ];
  const head = heads.join('');
  return ['', head, '-'.repeat(LONGEST)];
}

export function rowLines(row) {
  const { figure, unit, value, min, max, repetitions, limit, ratio, goal, sync } = row;
  const name = sync === 'default' ? figure : `${figure}, sync ${sync}`;
  const range = repetitions > 1 ? ` [${rounded(min)}-${rounded(max)}]` : '';
  const cells = [
    `${rounded(value)} ${unit}`.padStart(WIDTH.value),
    range.padEnd(WIDTH.range),
    (limit === undefined ? '' : rounded(limit)).padStart(WIDTH.limit),
    (ratio === undefined ? '' : ratioText(ratio)).padStart(WIDTH.ratio),
    goal === undefined ? '' : `  ${goal.text}: ${verdictText(goal)}`,
  ];
  // a long name has a line of its own
  const first = name.length <= WIDTH.figure ? [] : [name];
  const lead = first.length === 0 ? name : '';
  return [...first, `${lead.padEnd(WIDTH.figure)}${cells.join('')}`.trimEnd(), ...below(row)];
}

function* below(row) {
  const { limitName, limitMin, limitMax, repetitions, notes = [] } = row;
  if (limitName !== undefined) {
    const range = repetitions > 1 ? ` [${rounded(limitMin)}-${rounded(limitMax)}]` : '';
    yield `${INDENT}limit: ${limitName}${range}`;
  }
  if (row.cpu) yield* wrapped(cpuText(row.cpu));
  for (const note of [...notes, ...disturbanceText(row)]) yield* wrapped(note);
}

/** Rows below their goal, by name. */
export function summary(rows) {
  const judged = rows.filter(({ goal }) => goal);
  const below = judged.filter(({ goal }) => !goal.isMet);
  const lines = [`${judged.length - below.length} of ${judged.length} goals are met`];
  return [
    ...lines,
    ...below.map(({ figure, sync, value, unit, goal }) => {
      const name = sync === 'default' ? figure : `${figure}, sync ${sync}`;
      return `${INDENT}below: ${name}: ${rounded(value)} ${unit}, goal ${goal.text}`;
    }),
  ];
}

function ratioText(ratio) {
  if (!Number.isFinite(ratio)) return '-';
  if (ratio >= 100) return rounded(ratio);
  return ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2);
}

function verdictText({ isMet, isStretched }) {
  if (isStretched) return 'met, and more';
  return isMet ? 'met' : 'NOT met';
}

function cpuText({ per, micros }) {
  const ours = Object.entries(micros).filter(([label]) => isOurs(label));
  const others = Object.entries(micros).filter(([label]) => !isOurs(label));
  const each = (entries) => entries.map(([label, value]) => `${label} ${rounded(value)}`).join(', ');
  const named = ours.slice(0, NAMED);
  const rest = ours.slice(NAMED);
  if (rest.length > 0)
    named.push([rest.length === 1 ? '1 other' : `${rest.length} others`, sumOf(Object.fromEntries(rest))]);
  const sum = sumOf(micros, isOurs);
  const inside = ours.length > 1 ? ` (${each(named)})` : '';
  const used = others.length > 0 ? `; ${each(others)}; in all ${rounded(sumOf(micros))}` : '';
  return `CPU µs per ${per}: ours ${rounded(sum)}${inside}${used}`;
}

function* disturbanceText({ quiet, othersBefore, othersMeanwhile }) {
  const percent = (share) => `${Math.round(Math.min(1, share) * 100)} %`;
  const meanwhile = `up to ${percent(othersMeanwhile)} of it meanwhile`;
  if (quiet === false)
    yield `the machine was never quiet: others used ${percent(othersBefore)} of it before, ${meanwhile}`;
  else if (othersMeanwhile > QUIET_SHARE) yield `the machine did not stay quiet: others used ${meanwhile}`;
}

function* wrapped(text) {
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && INDENT.length + line.length + word.length >= LONGEST) {
      yield INDENT + line;
      line = ' ';
    }
    line += line.trim() === '' ? `${line}${word}` : ` ${word}`;
  }
  yield INDENT + line;
}
