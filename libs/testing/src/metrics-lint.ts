/** A metric as its exposition describes it. */
interface Family {
  readonly name: string;
  type: string;
  help: string;
  readonly samples: Set<string>;
  readonly labels: Set<string>;
}

/** The units of Prometheus' own list that have another base unit, each with that one. */
const UNITS: Readonly<Record<string, string>> = {
  milliseconds: 'seconds',
  microseconds: 'seconds',
  nanoseconds: 'seconds',
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  weeks: 'seconds',
  kilobytes: 'bytes',
  megabytes: 'bytes',
  gigabytes: 'bytes',
  terabytes: 'bytes',
  kibibytes: 'bytes',
  mebibytes: 'bytes',
  gibibytes: 'bytes',
  bits: 'bytes',
  percents: 'ratio',
  percent: 'ratio',
  fahrenheit: 'celsius',
  kelvins: 'celsius',
  kilometers: 'meters',
  inches: 'meters',
};
const ABBREVIATIONS = ['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd'];
const TYPES = ['counter', 'gauge', 'histogram', 'summary'];
const SAMPLE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (?:[-+]?[0-9.]+(?:e[-+]?\d+)?|[-+]?Inf|NaN)( -?\d+)?$/;

/** What `promtool check metrics` finds fault with, one line each; nothing for a good exposition. */
export function lintMetrics(text: string): string[] {
  const families = new Map<string, Family>();
  const faults: string[] = [];
  for (const line of text.split('\n').filter(Boolean)) {
    const meta = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line);
    const sample = SAMPLE.exec(line);
    if (meta) {
      const [, what, name = '', rest = ''] = meta;
      const family = familyOf(families, name);
      if (what === 'HELP') family.help = rest;
      else if (family.type !== 'untyped') faults.push(`${name}: described twice`);
      else family.type = rest;
    } else if (sample) {
      const [, name = '', labels = ''] = sample;
      const family = families.get(baseOf(families, name)) ?? familyOf(families, name);
      const series = `${name}{${labels}}`;
      if (family.samples.has(series)) faults.push(`${series}: more than once`);
      family.samples.add(series);
      for (const [, label = ''] of labels.matchAll(/([a-zA-Z_]\w*)="/g)) family.labels.add(label);
    } else if (!line.startsWith('#')) faults.push(`no sample: ${line}`);
  }
  return [...faults, ...[...families.values()].flatMap(lintFamily)];
}

function familyOf(families: Map<string, Family>, name: string): Family {
  const known = families.get(name) ?? {
    name,
    type: 'untyped',
    help: '',
    samples: new Set<string>(),
    labels: new Set<string>(),
  };
  families.set(name, known);
  return known;
}

/** Name of the histogram or summary that a sample belongs to. */
function baseOf(families: ReadonlyMap<string, Family>, name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return ['histogram', 'summary'].includes(families.get(base)?.type ?? '') ? base : name;
}

function lintFamily({ name, type, help, labels }: Family): string[] {
  const faults: string[] = [];
  const words = name.toLowerCase().split('_');
  if (help === '') faults.push('no help text');
  if (type === 'untyped') faults.push('no type');
  if (type === 'counter' && !name.endsWith('_total'))
    faults.push('counter metrics should have "_total" suffix');
  if (type !== 'counter' && name.endsWith('_total'))
    faults.push('non-counter metrics should not have "_total" suffix');
  if (type !== 'histogram' && name.endsWith('_bucket'))
    faults.push('non-histogram metrics should not have "_bucket" suffix');
  if (!['histogram', 'summary'].includes(type) && /_(count|sum)$/.test(name))
    faults.push('non-histogram and non-summary metrics should not have "_count" or "_sum" suffix');
  if (type !== 'histogram' && labels.has('le')) faults.push('only histograms may have the label "le"');
  if (type !== 'summary' && labels.has('quantile'))
    faults.push('only summaries may have the label "quantile"');
  for (const word of words) {
    if (UNITS[word]) faults.push(`use base unit "${UNITS[word]}" instead of "${word}"`);
    if (ABBREVIATIONS.includes(word)) faults.push('metric names should not contain abbreviated units');
    if (TYPES.includes(word)) faults.push(`metric name should not include type '${word}'`);
  }
  if (name.includes(':')) faults.push("metric names should not contain ':'");
  for (const one of [name, ...labels])
    if (/[a-z][A-Z]/.test(one)) faults.push(`${one} is written in camelCase, not in snake_case`);
  return faults.map((fault) => `${name}: ${fault}`);
}
