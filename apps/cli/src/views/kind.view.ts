import { type DescribedKind, describedKinds, didYouMean, type KindField } from '@signalbox/contracts';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Column } from '../output/table.js';

/** A kind, or a field of one, with the fields below it. */
export interface FoundPlace {
  readonly kind: string;
  readonly apiVersion: string;
  /** Below `spec`; '' for the kind itself. */
  readonly path: string;
  readonly words: string;
  /** Of a field. */
  readonly field?: KindField;
  /** Why it stands in the project `default` only; of the kind itself. */
  readonly whyDefaultProject?: string;
  readonly fields: readonly KindField[];
}

/** Text of this width fits every terminal. Characters. */
const WIDTH = 80;

export const kindColumns: readonly Column<DescribedKind>[] = [
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'APIVERSION', value: ({ apiVersion }) => apiVersion },
  { title: 'MEANING', value: ({ words }) => words, max: 34 },
];

/** All kinds, each with the first sentence of what it is for. */
export function kindList(): readonly DescribedKind[] {
  return describedKinds().map((kind) => ({
    ...kind,
    words: /^.*?\.(?= |$)/.exec(kind.words)?.[0] ?? kind.words,
  }));
}

/**
 * `Kind`, `Kind.spec`, `Kind.spec.match.types`, also without `spec` and without `[]` and `*`; letter case does not count in a kind. Throws a
 * failure that names what is nearest.
 */
export function findPlace(place: string, isRecursive: boolean): FoundPlace {
  const [name = '', ...rest] = place.split('.');
  const kinds = describedKinds();
  const found = kinds.find(({ kind }) => kind.toLowerCase() === name.toLowerCase());
  if (!found)
    throw noSuch(
      `there is no kind ${name}`,
      didYouMean(
        name,
        kinds.map(({ kind }) => kind),
      ),
      'signalbox explain-kind',
    );
  const tokens = rest[0] === 'spec' ? rest.slice(1) : rest;
  const { kind, apiVersion, words, whyDefaultProject } = found;
  const field = tokens.length === 0 ? undefined : fieldAt(found, tokens);
  const path = field?.path ?? '';
  return {
    ...{ kind, apiVersion, path, words: field?.words ?? words },
    ...(field && { field }),
    ...(!field && whyDefaultProject !== undefined && { whyDefaultProject }),
    fields: found.fields.filter((one) => isBelow(one.path, path, isRecursive)),
  };
}

/** For people. */
export function fieldText({
  kind,
  apiVersion,
  path,
  words,
  field,
  whyDefaultProject,
  fields,
}: FoundPlace): string {
  const head = field ? `${kind}.spec.${field.path}  (${summary(field)})` : `${kind}  (${apiVersion})`;
  const place =
    whyDefaultProject === undefined
      ? []
      : ['', ...wrapped(`Only in the project default: ${whyDefaultProject}.`, 2)];
  const taken = field?.bounds ? ['', ...wrapped(`Taken: ${field.bounds}`, 2)] : [];
  const list = fields.flatMap((one) => ['', ...fieldLines(one, path)]);
  const title = fields.length === 0 ? [] : ['', field ? 'Fields:' : 'Fields of spec:'];
  return [head, '', ...wrapped(words, 2), ...place, ...taken, ...title, ...list, ''].join('\n');
}

function fieldLines(field: KindField, above: string): string[] {
  const name = field.path.slice(above.length).replace(/^(?:\[\]|\.\*)?\./, '');
  const more = [
    field.variant === undefined ? '' : `With ${field.variant}.`,
    field.bounds === '' ? '' : `Taken: ${field.bounds}`,
  ];
  return [`  ${name}  (${summary(field)})`, ...wrapped([field.words, ...more].filter(Boolean).join(' '), 6)];
}

function summary({ type, isRequired, default: value }: KindField): string {
  return [type, isRequired ? 'required' : '', value === '' ? '' : `default ${value}`]
    .filter(Boolean)
    .join(', ');
}

function fieldAt({ kind, fields }: DescribedKind, tokens: readonly string[]): KindField {
  const wanted = plain(tokens.join('.'));
  const field = fields.find(({ path }) => plain(path) === wanted);
  if (field) return field;
  const nearest = didYouMean(
    wanted,
    fields.map(({ path }) => plain(path)),
  );
  throw noSuch(
    `${kind} has no field ${tokens.join('.')}`,
    nearest === undefined ? undefined : `${kind}.spec.${nearest}`,
    `signalbox explain-kind ${kind} --recursive`,
  );
}

/** How people write a path: without what stands for each entry or key. */
function plain(path: string): string {
  return path.replaceAll(/\[\]|\.\*/g, '').toLowerCase();
}

function isBelow(path: string, above: string, isRecursive: boolean): boolean {
  if (above !== '' && !path.startsWith(above)) return false;
  const rest = path.slice(above.length);
  if (above !== '' && !/^(?:\[\]|\.)/.test(rest)) return false;
  return isRecursive || !plain(rest.replace(/^(?:\[\]|\.\*)*\.?/, '')).includes('.');
}

function noSuch(what: string, nearest: string | undefined, next: string): Failure {
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new Failure('not-found', `${what}${hint}`, EXIT.notFound, { next });
}

/** Lines of at most {@link WIDTH} characters. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${' '.repeat(indent)}${one}`);
}
