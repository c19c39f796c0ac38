import type { FieldError } from './errors.js';

/** What one document of a text declares; `set` names the set that owns the resources, if any. */
export interface Document {
  readonly set?: string;
  readonly resources: readonly unknown[];
  /** What the document itself says that has no effect; pointers into the document. */
  readonly withoutEffect?: readonly FieldError[];
  /**
   * Where in the document something inside one of its resources stands, when its text is not made of resources:
   * (index of the resource, JSON Pointer into it) → JSON Pointer into the document.
   */
  readonly pointerOf?: (at: number, inside: string) => string;
}

/** Where in its document something inside a resource stands: a JSON Pointer, as people can follow it in the text. */
export function pointerIn({ set, pointerOf }: Document, at: number, inside = ''): string {
  if (pointerOf) return pointerOf(at, inside);
  return set === undefined ? inside : `/spec/resources/${at}${inside}`;
}
