import { setImmediate as nextTurn } from 'node:timers/promises';

/** Series that are written between two turns of the event loop. */
const SERIES_PER_TURN = 2000;

/** A metric whose series are many and kept by their owner: written out line by line at the scrape. */
export interface ManySeries {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** Lines of the text format, without line ends; see {@link seriesLine}. */
  readonly lines: () => Iterable<string>;
}

/** Labels as they stand in the text format, in alphabetical order, without braces. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escaped(labels[name] ?? '')}"`)
    .join(',');
}

/** One sample. `labels` as {@link labelText} gives them. */
export function seriesLine(name: string, labels: string, value: number): string {
  return `${name}{${labels}} ${value}`;
}

/** The text of a metric in pieces; other work gets its turn in between. */
export async function* seriesText({ name, help, type, lines }: ManySeries): AsyncGenerator<string> {
  let piece = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  let count = 0;
  for (const line of lines()) {
    piece += `${line}\n`;
    count += 1;
    if (count % SERIES_PER_TURN === 0) {
      yield piece;
      piece = '';
      await nextTurn();
    }
  }
  yield `${piece}\n`;
}

function escaped(value: string): string {
  return /["\\\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}
