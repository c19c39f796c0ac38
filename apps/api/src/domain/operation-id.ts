/** What a change set in motion, as a client asks for it after 202: what it was, and the sequences of the records that say so. */
export interface Operation {
  readonly of: OperationKind;
  readonly seqs: readonly number[];
}

/** How many sequences an operation of each kind has. */
const SEQS = { revision: 1, backend: 1, weight: 1, node: 1, sink: 2 } as const;
export type OperationKind = keyof typeof SEQS;

/** `revision-17`, `sink-4-9`: holds all that is needed to look for its end, so nothing is kept of an operation. */
export function operationId(of: OperationKind, ...seqs: readonly number[]): string {
  return [of, ...seqs].join('-');
}

/** The operation of an id, undefined when it is none. */
export function parseOperationId(id: string): Operation | undefined {
  const [of = '', ...parts] = id.split('-');
  const isSeq = (part: string): boolean => /^[1-9]\d{0,14}$/.test(part);
  if (!isKind(of) || parts.length !== SEQS[of] || !parts.every(isSeq)) return undefined;
  return { of, seqs: parts.map(Number) };
}

function isKind(text: string): text is OperationKind {
  return Object.hasOwn(SEQS, text);
}
