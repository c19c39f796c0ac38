import type { Check } from '../../../api/src/domain/doctor/check.js';
import { type CHECK_EXIT } from '../exit-codes.js';
import { plain } from '../output/cell.js';

export type Word = keyof typeof CHECK_EXIT;

/** What one line of a check says. */
export interface Verdict {
  readonly word: Word;
  readonly text: string;
  /** Figures for graphs: `name=value;warn;crit`. */
  readonly figures: Readonly<Record<string, number | string>>;
}

/** `SIGNALBOX OK - text | a=1 b=2`: one line, and `|` only before the figures. */
export function verdictLine({ word, text, figures }: Verdict): string {
  const perf = Object.entries(figures).map(([name, value]) => `${name}=${value}`);
  const said = plain(text).replaceAll('|', '/');
  return `SIGNALBOX ${word} - ${said}${perf.length > 0 ? ` | ${perf.join(' ')}` : ''}\n`;
}

/** The verdict of checks of doctor: the worst of them, with how many there are. */
export function verdictOf(checks: readonly Check[], more: Verdict['figures'] = {}): Verdict {
  const counted = { fail: 0, warn: 0, pass: 0, skip: 0 };
  for (const { status } of checks) counted[status] += 1;
  const { fail, warn, pass } = counted;
  const word = fail > 0 ? 'CRITICAL' : warn > 0 ? 'WARNING' : pass > 0 ? 'OK' : 'UNKNOWN';
  const worst = checks.filter(({ status }) => status === (fail > 0 ? 'fail' : 'warn'));
  const [first] = worst;
  const others = worst.length > 1 ? `, and ${worst.length - 1} more` : '';
  const text = first ? `${first.name}: ${first.detail}${others}` : `${pass} checks are well`;
  return { word, text, figures: { ...counted, ...more } };
}
