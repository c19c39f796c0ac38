import type { SinkContent, SinkFailure, SinkRendering } from '@signalbox/contracts';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { sizeText } from '../output/size.js';
import { type Column, indentedTable, type TableStyle } from '../output/table.js';
import type { SinkApply, SinkDetail, SinkItem } from '../rest/answers.js';

/** Characters of a digest in a line. */
const DIGEST_LENGTH = 12;

export const SINK_COLUMNS: readonly Column<SinkItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'TARGET', value: ({ target }) => target },
  { title: 'STATE', rank: 0, value: stateText },
  { title: 'GENERATION', rank: 3, value: ({ content }) => content?.generation },
  { title: 'BEHIND', rank: 4, value: ({ behind }) => behind },
  { title: 'APPLIED', rank: 2, value: ({ content }) => content?.at },
  { title: 'WHY', value: whyText },
  { title: 'PLACE', wide: true, value: ({ place }) => place },
  { title: 'DIGEST', wide: true, value: ({ content }) => content?.digest.slice(0, DIGEST_LENGTH) },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
];

/** A sink with what it has, what is wrong with it, and what was tried last. */
export function sinkText(sink: SinkDetail, _format?: 'table' | 'wide', style: TableStyle = {}): string {
  const { content, failure, paused, applies = [] } = sink;
  const fields = fieldsText([
    ['name', sink.name],
    ['description', sink.description || undefined],
    ['target', sink.target],
    ['place', sink.place],
    ['state', sink.state ?? 'unknown: sinks has not said'],
    ['since', sink.at],
    ['why', sink.reason],
    ['paused', paused && `${paused.at} by ${paused.author}${paused.reason && `: ${paused.reason}`}`],
    ['revision', sink.revision],
    ['content', content && contentText(content)],
    ['digest', content && `sha256:${content.digest}`],
    ['applied', content?.at],
    ['behind', sink.behind],
    ['failure', failure && failureText(failure)],
    ['tries', failure && triesText(failure)],
  ]);
  const output = failure?.output === undefined ? '' : `output:\n${indented(failure.output, '  ')}`;
  const tried = applies.length === 0 ? '' : `last applies:\n${indentedTable(APPLY_COLUMNS, applies, style)}`;
  return `${fields}${output}${tried}`;
}

/** A sink after a command, in a line. */
export function sinkOutcomeText(sink: SinkItem): string {
  const why = whyText(sink);
  return `${sink.name} ${stateText(sink)}${why === undefined ? '' : `: ${why}`}\n`;
}

/** What is told beside a document that a sink would write. */
export function renderingNotes({ generation, resources, bytes, digest, isApplied }: SinkRendering): string {
  const size = `generation ${generation}, ${resources} ${resources === 1 ? 'resource' : 'resources'}, ${sizeText(bytes)}`;
  return `${size}, sha256:${digest.slice(0, DIGEST_LENGTH)}${isApplied ? '; the target has it' : ''}`;
}

const APPLY_COLUMNS: readonly Column<SinkApply>[] = [
  { title: 'AT', value: ({ at }) => at },
  { title: 'OUTCOME', value: ({ outcome }) => outcome },
  { title: 'GENERATION', value: ({ generation }) => generation },
  {
    title: 'RESOURCES',
    value: ({ content, outcome }) => (outcome === 'applied' ? content?.resources : undefined),
  },
  {
    title: 'DIGEST',
    value: ({ content, outcome }) =>
      outcome === 'applied' ? content?.digest.slice(0, DIGEST_LENGTH) : undefined,
  },
  {
    title: 'WHY',
    value: ({ failure, outcome }) => (outcome === 'failed' && failure ? failureText(failure) : undefined),
  },
];

function stateText({ state }: SinkItem): string {
  return state ?? 'unknown';
}

function whyText({ reason, failure }: SinkItem): string | undefined {
  return reason ?? (failure && failureText(failure));
}

function failureText({ step, error }: SinkFailure): string {
  return `${step}: ${error.message}`;
}

function triesText({ attempts, retryAt }: SinkFailure): string {
  return retryAt === undefined
    ? `${attempts}, the next with another content or after resume`
    : `${attempts}, the next at ${retryAt}`;
}

function contentText({ generation, resources, bytes }: SinkContent): string {
  return `generation ${generation}, ${resources} ${resources === 1 ? 'resource' : 'resources'}, ${sizeText(bytes)}`;
}
