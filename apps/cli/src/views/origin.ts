import type { OperatorNote } from '@signalbox/contracts';
import type { Origin } from '../balance-shapes.js';

/** `author: reason`. */
export function noteText({ author, reason }: OperatorNote): string {
  return reason ? `${author}: ${reason}` : author;
}

/** `revision 7`, `part <source> generation 3`; undefined for what is not in the config. */
export function originText(origin: Origin | undefined): string | undefined {
  if (origin?.part) return `part ${origin.part.source} generation ${origin.part.generation}`;
  return origin?.revision === undefined ? undefined : `revision ${origin.revision}`;
}
