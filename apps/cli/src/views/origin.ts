import type { OperatorNote } from '@signalbox/contracts';
import type { Origin } from '../rest/answers.js';

/** `author: reason`. */
export function noteText({ author, reason }: OperatorNote): string {
  return reason ? `${author}: ${reason}` : author;
}

/** `revision 7`, `part <source> generation 3, fact a-1 of group edge`; undefined for what is not in the config. */
export function originText(origin: Origin | undefined): string | undefined {
  if (origin?.part) {
    const { part, facts } = origin;
    const made = facts ? `, fact ${facts.ids.join(', ')} of group ${facts.group}` : '';
    return `part ${part.source} generation ${part.generation}${made}`;
  }
  return origin?.revision === undefined ? undefined : `revision ${origin.revision}`;
}
