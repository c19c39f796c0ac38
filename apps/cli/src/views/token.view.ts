import { fieldsText } from '../output/fields.js';
import type { Column } from '../output/table.js';
import type { CallerItem, NewTokenItem, TokenItem } from '../rest/answers.js';

export const TOKEN_COLUMNS: readonly Column<TokenItem>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'REACH', rank: 1, value: reachOf },
  { title: 'USED', rank: 2, value: ({ lastUsedAt }) => lastUsedAt },
  { title: 'EXPIRES', rank: 3, value: ({ expiresAt }) => expiresAt },
  { title: 'CREATED', wide: true, value: ({ createdAt }) => createdAt },
];

/** A token that was just made. */
export function newTokenText(made: NewTokenItem): string {
  return fieldsText([
    ['id', made.id],
    ['name', made.name],
    ['role', made.role],
    ['reach', reachOf(made)],
    ['expires', made.expiresAt],
    ['token', made.token],
  ]);
}

export function callerText(caller: CallerItem): string {
  return fieldsText([
    ['name', caller.name],
    ['subject', caller.subject],
    ['role', caller.role],
    ['reach', reachOf(caller)],
    ['expires', caller.expiresAt],
  ]);
}

/** What it sees and changes. */
function reachOf({
  orgs = [],
  projects = [],
  emits = [],
}: Pick<TokenItem, 'orgs' | 'projects' | 'emits'>): string {
  if (emits.length > 0) return `emits to ${emits.join(', ')}`;
  const parts = [...orgs.map((org) => `org ${org}`), ...projects];
  return parts.length === 0 ? 'all of the site' : parts.join(', ');
}
