import { refKey, type ResourceRef, type TargetPlan } from '@signalbox/contracts';
import type { Effect, EffectiveEffect, FrontendEffect, VipEffect, WeightEffect } from '../rest/answers.js';
import { plain } from '../output/cell.js';
import type { Paint } from '../output/colour.js';
import { type Column, tableText, type TableStyle } from '../output/table.js';
import type { PlanEntry } from '../rest/answers.js';
import { countsText, entryText, refLabel } from './plan.view.js';

/** Lines that are printed of each part of an effect unless all are asked for. */
export const EFFECT_LINES = 50;

/** How an effect is printed. */
export interface EffectStyle extends TableStyle {
  readonly paint: Paint;
  /** However many lines it has. */
  readonly full?: boolean | undefined;
}

/**
 * What would follow from a plan: what becomes of the effective config beside what the plan says itself, then weights, then what to
 * be warned of.
 */
export function effectText(effect: Effect, plan: readonly PlanEntry[], style: EffectStyle): string {
  const { effective, weights, unanswered } = effect;
  const silent = unanswered.map(({ service, code, message }) =>
    style.paint('yellow', `! ${service} did not tell what would follow: ${code}: ${plain(message)}`),
  );
  return [
    effective ? configText(effective, plan, style) : '',
    weights ? weightsText(weights, style) : '',
    ...silent.map((line) => `${line}\n`),
  ].join('');
}

function configText(effective: EffectiveEffect, plan: readonly PlanEntry[], style: EffectStyle): string {
  const { generation, quarantined, restored, masked, shown, withdrawn } = effective;
  const beside = besidePlan(effective, plan);
  const counts = [
    countsText(beside),
    ...[
      [masked.length, 'masked'],
      [shown.length, 'no longer masked'],
      [withdrawn.length, withdrawn.length === 1 ? 'part withdrawn' : 'parts withdrawn'],
      [quarantined.length, quarantined.length === 1 ? 'part quarantined' : 'parts quarantined'],
      [restored.length, restored.length === 1 ? 'part restored' : 'parts restored'],
    ].flatMap(([count, what]) => (count === 0 ? [] : `${count} ${what}`)),
  ].filter((text) => text !== '');
  const summary = counts.length === 0 ? 'nothing beside the plan' : `beside the plan ${counts.join(', ')}`;
  const heading = `effective config after generation ${generation}: ${summary}\n`;
  return `${heading}${bounded(configLines(effective, beside, style.paint), style)}`;
}

/** Changes of the effective config that the plan does not tell, nor a mask. */
function besidePlan(
  { changes, masked, shown }: EffectiveEffect,
  plan: readonly PlanEntry[],
): EffectiveEffect['changes'] {
  const keyOf = (ref: ResourceRef, action: string): string => `${action} ${refKey(ref)}`;
  const told = new Set([
    ...plan.map((entry) => keyOf(entry, entry.action)),
    ...masked.map((one) => keyOf(one, 'removed')),
    ...shown.map((one) => keyOf(one, 'added')),
  ]);
  return changes.filter((change) => !told.has(keyOf(change, change.action)));
}

function configLines(effective: EffectiveEffect, beside: EffectiveEffect['changes'], paint: Paint): string[] {
  const { quarantined, restored, masked, shown, withdrawn, undecided } = effective;
  const partLabel = ({ source, generation }: { source: string; generation: number }): string =>
    `source=${plain(source)} generation=${generation}`;
  return [
    ...beside.flatMap((change) => changeLines(change, paint)),
    ...masked.map((one) => {
      const reason = one.reason ? ` reason=${plain(one.reason)}` : '';
      return paint('red', `- ${refLabel(one)} maskedBy=${plain(one.maskedBy)}${reason}`);
    }),
    ...shown.map((one) => paint('green', `+ ${refLabel(one)} no longer masked`)),
    ...withdrawn.map((part) => paint('red', `- ${partLabel(part)} withdrawn: ${plain(part.reason)}`)),
    ...quarantined.map((part) => paint('yellow', `! ${partLabel(part)} quarantined: ${plain(part.reason)}`)),
    ...restored.map((part) =>
      paint('green', `+ ${partLabel(part)} restored, no longer: ${plain(part.reason)}`),
    ),
    ...undecided.map((one) => `? ${refLabel(one)}: what parts it brings is known when it has run`),
  ];
}

function changeLines({ source, ...entry }: EffectiveEffect['changes'][number], paint: Paint): string[] {
  const [head = '', ...fields] = entryText(entry, paint, source && ` source=${plain(source)}`)
    .split('\n')
    .slice(0, -1);
  return [head, ...fields];
}

/** One backend of a frontend as the table has it. */
interface Row extends TargetPlan {
  readonly frontend: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'FRONTEND', value: ({ frontend }) => frontend },
  { title: 'BACKEND', value: ({ backend }) => backend },
  { title: 'BEFORE', value: ({ before }) => before && weightCell(before) },
  { title: 'AFTER', value: ({ after }) => after && weightCell(after, after.why.rule) },
  { title: 'POOL', wide: true, value: ({ pool }) => pool },
  { title: 'WHY', wide: true, value: ({ after }) => after?.why.text },
];

/** An effective weight with its share of the traffic; why there is none. */
function weightCell({ effective, share }: { effective: number; share: number }, rule?: string): string {
  if (effective === 0) return rule === undefined ? '0' : `0 ${rule}`;
  return `${effective} (${share}%)`;
}

function weightsText({ frontends, vips, warnings }: WeightEffect, style: EffectStyle): string {
  const { paint } = style;
  const moves = [
    ...frontends.flatMap((one) => standingLine(one, paint)),
    ...vips.map((vip) => vipLine(vip, paint)),
  ];
  const rows = frontends.flatMap((one) =>
    one.targets.map((target): Row => ({ ...target, frontend: nameOf(one) })),
  );
  const [titles = '', ...lines] = tableText(COLUMNS, rows, style).split('\n').slice(0, -1);
  return [
    bounded(moves, style),
    rows.length === 0 ? '' : `${titles}\n${bounded(lines, style)}`,
    bounded(
      warnings.map(({ message }) => paint('red', `! ${plain(message)}`)),
      style,
    ),
  ].join('');
}

function nameOf({ project, frontend }: Pick<FrontendEffect, 'project' | 'frontend'>): string {
  return project === 'default' ? frontend : `${project}/${frontend}`;
}

/** A frontend that comes, goes, or gets another state or pool. */
function standingLine(one: FrontendEffect, paint: Paint): string[] {
  const { before, after } = one;
  const name = nameOf(one);
  if (!before) return after ? [paint('green', `+ frontend ${name}: ${after.state}`)] : [];
  if (!after) return [paint('red', `- frontend ${name}: ${before.state}`)];
  const state = before.state === after.state ? [] : [`${before.state} → ${after.state}`];
  const pool =
    before.activePool === after.activePool ? [] : [`pool ${before.activePool} → ${after.activePool}`];
  const moved = [...state, ...pool];
  return moved.length === 0 ? [] : [paint('yellow', `~ frontend ${name}: ${moved.join(', ')}`)];
}

function vipLine({ action, address, pool, ...holder }: VipEffect, paint: Paint): string {
  const label = refLabel(holder);
  if (action === 'released') return paint('red', `- ${label} gives back ${address}`);
  const from = pool === undefined ? '' : ` of VipPool/${pool}`;
  return paint('green', `+ ${label} asks for ${address ?? 'an address'}${from}`);
}

/** The lines, or the first of them and how many there are more. */
function bounded(lines: readonly string[], { full = false }: EffectStyle): string {
  const shown = full ? lines : lines.slice(0, EFFECT_LINES);
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more ${more === 1 ? 'line' : 'lines'}: --full`] : [])]
    .map((line) => `${line}\n`)
    .join('');
}
