import type { Fact } from '@signalbox/contracts';

/** Which facts a peer gets. */
export interface PeerFilter {
  readonly types: readonly string[];
  readonly subjectPrefixes: readonly string[];
}

/** The type is one of `types` (if any) and the subject starts with one of `subjectPrefixes` (if any). Reference 4.5. */
export function passesFilter(
  { types, subjectPrefixes }: PeerFilter,
  { type, subject }: Pick<Fact, 'type' | 'subject'>,
): boolean {
  const typeFits = types.length === 0 || types.includes(type);
  const subjectFits =
    subjectPrefixes.length === 0 || subjectPrefixes.some((prefix) => subject.startsWith(prefix));
  return typeFits && subjectFits;
}
