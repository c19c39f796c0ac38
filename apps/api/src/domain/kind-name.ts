import { CodedError, didYouMean, KNOWN_KINDS, REFERENCE_KINDS } from '@signalbox/contracts';

/** How people name a kind: `HealthCheck`, or `HealthCheck.net.routerd.net` where several API groups have one. */
export interface KindName {
  readonly kind: string;
  /** API group, without the version. */
  readonly group?: string;
}

/** No name of a kind holds a dot, so the first one begins the group. */
export function readKindName(text: string): KindName {
  const [kind = '', ...group] = text.split('.');
  return group.length === 0 ? { kind } : { kind, group: group.join('.') };
}

/** Whether an apiVersion is one of the group that a kind was named with. */
export function isOfGroup(apiVersion: string, { group }: KindName): boolean {
  return group === undefined || apiVersion.split('/')[0] === group;
}

/** `not-found` for a kind that nobody knows: no kind of ours or the reference's, and none of the `present` ones. */
export function unknownKind(text: string, present: Iterable<string>): CodedError | undefined {
  const { kind } = readKindName(text);
  const known = [...new Set([...KNOWN_KINDS.map((one) => one.kind), ...present, ...REFERENCE_KINDS])];
  if (known.includes(kind)) return undefined;
  const meant = didYouMean(kind, known);
  const hint = meant === undefined ? 'kinds are written like EventGroup' : `did you mean ${meant}?`;
  return new CodedError('not-found', `there is no kind ${kind}, and no resource of it: ${hint}`);
}
