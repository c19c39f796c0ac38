import { cellText, plain } from '../output/cell.js';
import type { Paint } from '../output/colour.js';
import type { Column } from '../output/table.js';
import { type Branch, treeText } from '../output/tree.js';
import type { GenerationItem, OriginPart, ResourceExplanation, VersionItem } from '../rest/answers.js';
import { entryText, refLabel, signedLabel } from './plan.view.js';

/** Generations of the effective config, newest first. */
export const GENERATION_COLUMNS: readonly Column<GenerationItem>[] = [
  { title: 'GEN', value: ({ generation }) => generation },
  { title: 'AT', rank: 0, value: ({ at }) => at },
  { title: 'WHAT', rank: 0, value: changesCell },
  { title: 'WHY', rank: 0, value: ({ why }) => why },
  { title: 'RESOURCES', wide: true, value: ({ resources }) => resources },
  { title: 'REVISION', wide: true, value: ({ revision }) => revision },
  { title: 'QUARANTINED', wide: true, value: ({ quarantined }) => quarantined.length },
  { title: 'DIGEST', wide: true, value: ({ digest }) => digest },
];

/** Changes that one line names; the rest is counted. */
const NAMED = 2;

function changesCell({ changes, added, changed, removed }: GenerationItem): string {
  const named = changes.slice(0, NAMED).map(signedLabel);
  const more = added + changed + removed - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** Every version of a resource: when, who and why, and what was another then. */
export function versionsText(
  resource: { readonly kind: string; readonly project: string; readonly name: string },
  versions: readonly VersionItem[],
  paint: Paint,
): string {
  return versions.map((version) => versionText(resource, version, paint)).join('');
}

function versionText(
  ref: { readonly kind: string; readonly project: string; readonly name: string },
  { generation, at, action, why, fields, went }: VersionItem,
  paint: Paint,
): string {
  const entry = { apiVersion: '', ...ref, ...(fields && { fields }) };
  const end = went
    ? `${momentText(went)} ${plain(went.why)}\n${entryText({ ...entry, action: 'removed' }, paint)}`
    : '';
  return `${end}${momentText({ generation, at })} ${plain(why)}\n${entryText({ ...entry, action }, paint)}`;
}

function momentText({ generation, at }: { readonly generation: number; readonly at: string | null }): string {
  return `generation ${generation} ${at ?? '(no longer kept)'}`;
}

/** The resource down to where it came from. */
export function explainedText(answer: ResourceExplanation, paint: Paint): string {
  const { version, part, run, facts, state } = answer;
  const { revision } = version;
  const style = state === 'present' ? 'green' : 'red';
  const origin: Branch[] = part
    ? [
        {
          text: partText(part),
          branches: run ? [{ text: runText(run), branches: facts.map(factBranch) }] : facts.map(factBranch),
        },
      ]
    : revision
      ? [
          {
            text: `revision ${revision.revision} at ${revision.at} by ${plain(revision.author)}${revision.message === '' ? '' : `: ${plain(revision.message)}`}`,
          },
        ]
      : [{ text: plain(version.why) }];
  return [
    `${paint('bold', plain(answer.verdict))}\n\n`,
    `${refLabel(answer)} ${paint(style, state)}\n`,
    treeText([{ text: `version of ${momentText(version)}`, branches: origin }]),
  ].join('');
}

function partText({ source, generation, state, acceptedAt, expiresAt }: OriginPart): string {
  const end = expiresAt === null ? 'held' : `expires ${expiresAt}`;
  return `part ${generation} of ${plain(source)}, accepted ${acceptedAt}, ${state}, ${end}`;
}

function runText({
  runId,
  plugin,
  revision,
  state,
  executions,
}: NonNullable<ResourceExplanation['run']>): string {
  const digest = executions.at(-1)?.pluginDigest;
  const program = digest === undefined ? '' : ` (${digest.slice(0, DIGEST_SHOWN)})`;
  return `run ${runId} ${state}: Plugin/${plugin}${program}, rule of revision ${revision}`;
}

/** Digits of a digest that people compare. */
const DIGEST_SHOWN = 12;

function factBranch({ id, origin, type, observedAt, way }: ResourceExplanation['facts'][number]): Branch {
  if (observedAt === null) return { text: `fact ${plain(id)}, observed by ${plain(origin)}, no longer kept` };
  return {
    text: `fact ${plain(id)} ${cellText(type)}, observed ${observedAt} by ${plain(origin)}, came by ${cellText(way)}`,
  };
}
