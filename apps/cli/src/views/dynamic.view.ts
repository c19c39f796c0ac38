import { maskTargetRef, type ResourceRef } from '@signalbox/contracts';
import { plain } from '../output/cell.js';
import type { Paint } from '../output/colour.js';
import { detailsText } from '../output/details.js';
import type { Column } from '../output/table.js';
import type { ConfigChanges, ConfigMoment, DerivedResource, DiffAnswer, PartItem } from '../rest/answers.js';
import { countsText, entryText, refLabel } from './plan.view.js';

/** Reference 7.6. */
export const PART_COLUMNS: readonly Column<PartItem>[] = [
  { title: 'SOURCE', value: ({ source }) => source },
  { title: 'GEN', value: ({ generation }) => generation },
  { title: 'STATUS', rank: 0, value: ({ state }) => state },
  { title: 'RESOURCES', value: ({ resources }) => resources },
  { title: 'DIRECTIVES', rank: 3, value: ({ directives }) => directives },
  { title: 'ACTIONPLANS', rank: 4, value: ({ actionPlans }) => actionPlans },
  { title: 'EXPIRES', value: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'WITHDRAWN AT', wide: true, value: ({ withdrawAt }) => withdrawAt },
  { title: 'OBSERVED', wide: true, value: ({ observedAt }) => observedAt },
  { title: 'PLUGIN', wide: true, value: ({ plugin }) => plugin },
  { title: 'RUN', wide: true, value: ({ runId }) => runId },
  { title: 'DIGEST', wide: true, value: ({ digest }) => digest },
  { title: 'REASON', wide: true, value: ({ reason, withdrawReason }) => reason ?? withdrawReason },
];

/** Every generation of a source with its bodies, newest as the site lists them. Reference 7.6. */
export function describeText(parts: readonly PartItem[], nowMs: number): string {
  return parts.map((part) => partText(part, nowMs)).join('\n');
}

function partText(part: PartItem, nowMs: number): string {
  const { resources = [], directives = [], actionPlans = [] } = part.body ?? {};
  return [
    detailsText([
      ['Source', part.source],
      ['Generation', part.generation],
      ...(part.handedOverTo === undefined ? [] : [['Handed Over To', part.handedOverTo] as const]),
      ['Status', isOver(part, nowMs) ? 'expired' : part.state],
      ['Stored Status', part.state],
      ['Observed At', part.observedAt],
      ['Expires', part.expiresAt ?? 'never'],
      ...(part.withdrawAt === undefined
        ? []
        : ([
            ['Withdrawn At', part.withdrawAt],
            ['Withdrawn Because', part.withdrawReason],
          ] as const)),
      ['Digest', part.digest],
      ['Error', part.reason],
      ['Plugin', part.plugin],
      ['Run', part.runId],
    ]),
    section(
      'Resources',
      resources.map(
        ({ apiVersion, kind, metadata, spec }) =>
          `  ${refPath({ apiVersion, kind, project: metadata.project ?? '', name: metadata.name })}\n` +
          `    spec: ${plain(JSON.stringify(spec))}\n`,
      ),
    ),
    section(
      'Directives',
      directives.map(({ op, target, reason }) => {
        const why = reason ? ` reason=${plain(reason)}` : '';
        return `  ${op} ${refPath(maskTargetRef(target))}${why}\n`;
      }),
    ),
    section(
      'Action Plans',
      actionPlans.map(
        (plan) =>
          `  ${plan.name}\n` +
          detailsText(
            [
              ['provider', plan.provider],
              ['action', plan.action],
              ['mode', plan.mode],
              ['riskLevel', plan.riskLevel],
              ['target.address', plan.target['address']],
              ['target.nicRef', plan.target['nicRef']],
              ['expectedEffects', plan.expectedEffects?.join('; ')],
            ],
            '    ',
          ),
      ),
    ),
    detailsText([
      ['Created At', part.createdAt],
      ['Updated At', part.updatedAt],
    ]),
  ].join('');
}

/** A part is over at its expiry; the site records that a moment later. Reference 3.5. */
function isOver({ state, expiresAt }: PartItem, nowMs: number): boolean {
  return state === 'active' && expiresAt !== null && Date.parse(expiresAt) <= nowMs;
}

function section(title: string, entries: readonly string[]): string {
  return entries.length === 0 ? `${title}:  -\n` : `${title}:\n${entries.join('')}`;
}

/** What parts add (`+`), mask (`-`) and fail to bring (`!`), one line each. Reference 7.6. */
export function diffText(diff: DiffAnswer, paint: Paint): string {
  const added = diff.addedResources.map((one) => paint('green', `+ ${derivedText(one)}`));
  const suppressed = diff.suppressed.map((one) => {
    const reason = one.reason ? ` reason=${plain(one.reason)}` : '';
    const until = one.maskedUntil ?? 'never';
    return paint('red', `- ${refPath(one)} maskedBy=${one.maskedBy} maskedUntil=${until}${reason}`);
  });
  const held = diff.quarantined.map(({ source, generation, reason }) =>
    paint('yellow', `! source=${source} generation=${generation} quarantined: ${plain(reason)}`),
  );
  const changes = [...added, ...suppressed];
  const body = changes.length > 0 ? changes : ['no changes: parts add and mask nothing'];
  return [...body, ...held].map((line) => `${line}\n`).join('');
}

/** What changed between two moments, field by field, and which they were. */
export function changesText({ from, to, items }: ConfigChanges, paint: Paint): string {
  const summary = countsText(items) || 'no changes';
  return [
    ...items.map((entry) => entryText(entry, paint)),
    `${momentText(from)} → ${momentText(to)}: ${summary}\n`,
  ].join('');
}

function momentText({ generation, at }: ConfigMoment): string {
  return `generation ${generation} (${at})`;
}

/** `apiVersion/Kind/Name source=… generation=…`. */
export function derivedText(one: DerivedResource): string {
  return `${refPath(one)} source=${one.source} generation=${one.generation}`;
}

function refPath(ref: ResourceRef): string {
  return `${ref.apiVersion}/${refLabel(ref)}`;
}
