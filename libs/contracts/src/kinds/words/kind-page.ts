import { stringify } from 'yaml';
import type { DescribedKind, KindField } from './described-kind.js';

/** The page of a kind in docs/reference/kinds/, in Markdown. */
export function kindPage(kind: DescribedKind): string {
  const { apiVersion, words, whyDefaultProject, isOfPeople, fields, example } = kind;
  const place =
    whyDefaultProject === undefined
      ? 'It stands in any project.'
      : `It stands in the project \`default\` only: ${whyDefaultProject}.`;
  const people = isOfPeople ? ' Only people declare it: a part that brings one is rejected.' : '';
  return [
    `# ${kind.kind}`,
    '',
    `\`apiVersion: ${apiVersion}\``,
    '',
    words,
    '',
    `${place}${people} In a terminal: \`signalbox explain-kind ${kind.kind}\`.`,
    '',
    '## Fields of spec',
    '',
    '| field | type | default | taken | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...fields.map(row),
    '',
    '## Example',
    '',
    '```yaml display',
    stringify(example, { lineWidth: 100 }).trimEnd(),
    '```',
    '',
  ].join('\n');
}

/** The list of all pages. */
export function kindsIndex(kinds: readonly DescribedKind[]): string {
  return [
    '# Kinds',
    '',
    'Every kind with all of its fields. The same in a terminal: `signalbox explain-kind`. What kinds do together stands in',
    '[kinds of load balancing](../balance-kinds.md), [kinds about the effective config](../config-kinds.md) and the guides.',
    'Durations are written `500ms`, `10s`, `1h30m`. A field that no page names is refused.',
    '',
    '| kind | apiVersion | what it is for |',
    '| --- | --- | --- |',
    ...kinds.map(
      ({ kind, apiVersion, words }) =>
        `| [${kind}](${kind}.md) | \`${apiVersion}\` | ${cell(firstSentence(words))} |`,
    ),
    '',
  ].join('\n');
}

function row({ path, type, isRequired, bounds, variant, words, default: value }: KindField): string {
  const taken = [variant === undefined ? '' : `with \`${variant}\``, bounds].filter(Boolean).join('; ');
  const cells = [`\`${path}\``, type, isRequired ? 'required' : value, taken, words];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function firstSentence(text: string): string {
  return /^.*?[.](?= |$)/.exec(text)?.[0] ?? text;
}
