import type { ResourceRef } from '@signalbox/contracts';
import type { Paint } from '../output/colour.js';
import { plain } from '../output/cell.js';
import type { ApplyAnswer, ApplyWarning, PlanEntry } from '../rest/answers.js';

const SIGNS = { added: '+', changed: '~', removed: '-' } as const;
const STYLES = { added: 'green', changed: 'yellow', removed: 'red' } as const;
const ACTIONS = ['added', 'changed', 'removed', 'unchanged'] as const;

/** `Kind/name`, or `Kind/project/name` outside the default project. */
export function refLabel({ kind, project, name }: Omit<ResourceRef, 'apiVersion'>): string {
  return !project || project === 'default' ? `${kind}/${name}` : `${kind}/${project}/${name}`;
}

/** How many of each, as `2 added, 1 removed`. */
export function countsText(entries: readonly Pick<PlanEntry, 'action'>[]): string {
  const counts = ACTIONS.map(
    (action) => [action, entries.filter((entry) => entry.action === action).length] as const,
  ).filter(([, count]) => count > 0);
  return counts.map(([action, count]) => `${count} ${action}`).join(', ');
}

/** What a changeset does or would do, field by field, and which revision it made. */
export function planText(answer: ApplyAnswer, paint: Paint): string {
  const summary = countsText(answer.plan) || 'nothing to do';
  const place = answer.dryRun
    ? `dry run at revision ${answer.revision}, nothing was written`
    : `revision ${answer.revision}, generation ${answer.generation}`;
  return [
    ...answer.plan.map((entry) => entryText(entry, paint)),
    ...(answer.warnings ?? []).map((warning) => warningText(warning, paint)),
    `${place}: ${summary}\n`,
    answer.pending ? pendingText(answer.waitingFor ?? []) : '',
  ].join('');
}

function pendingText(waitingFor: readonly string[]): string {
  const who = waitingFor.length > 0 ? waitingFor.join(', ') : 'a service';
  return `pending: the change is recorded; still to follow it: ${who}\n`;
}

function warningText(warning: ApplyWarning, paint: Paint): string {
  const where = [refLabel(warning), warning.pointer].filter((text) => text !== '').join(' ');
  return `${paint('yellow', `! ${plain(where)}`)}: ${plain(warning.message)}\n`;
}

/** A resource behind the sign of what becomes of it. */
export function signedLabel(entry: PlanEntry): string {
  return entry.action === 'unchanged'
    ? refLabel(entry)
    : `${SIGNS[entry.action]} ${refLabel(entry)}${renameText(entry)}`;
}

function renameText({ action, renamedFrom, renamedTo }: PlanEntry): string {
  if (action === 'added' && renamedFrom !== undefined) return ` (renamed from ${plain(renamedFrom)})`;
  return renamedTo === undefined ? '' : ` (renamed to ${plain(renamedTo)})`;
}

/** A resource with what becomes of it, field by field; nothing when it stays as it is. `origin` stands behind its name. */
export function entryText(entry: PlanEntry, paint: Paint, origin = ''): string {
  if (entry.action === 'unchanged') return '';
  const head = `${signedLabel(entry)}${origin}`;
  const fields = entry.fields?.map(
    ({ path, from, to }) => `    ${path}: ${valueText(from)} → ${valueText(to)}\n`,
  );
  return `${paint(STYLES[entry.action], head)}\n${fields?.join('') ?? ''}`;
}

function valueText(value: unknown): string {
  return value === undefined ? '(absent)' : plain(JSON.stringify(value));
}
