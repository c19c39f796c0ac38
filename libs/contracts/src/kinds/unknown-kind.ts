import { didYouMean } from '../did-you-mean.js';
import type { FieldError } from '../errors.js';
import { BALANCE_API } from './balance/specs.js';
import { apiGroupOf, type Kind } from './kind.js';
import { REFERENCE_KINDS } from './reference-kinds.js';
import { KNOWN_KINDS } from './registry.js';
import { ROUTER_API } from './specs.js';

/** Domain of the groups that are ours alone: a kind that we do not know cannot be meant. */
const OUR_DOMAIN = 'signalbox.dev';
const REFERENCE_DOMAIN = 'routerd.net';

/** Whether an apiVersion is one of the groups of a domain. */
function isIn(domain: string, apiVersion: string): boolean {
  const group = apiGroupOf(apiVersion);
  return group === domain || group.endsWith(`.${domain}`);
}

/** Whether an apiVersion is one of the reference's. */
export function isReferenceApi(apiVersion: string): boolean {
  return isIn(REFERENCE_DOMAIN, apiVersion);
}

/**
 * Why nobody can mean this kind, or nothing. Our own groups are strict. In the reference's groups a kind that we do not
 * know is kept, unless it looks like a misspelt one of ours and the reference has none of that name. Everywhere else
 * kinds are whatever their authors say: a name of ours means nothing there. ADR 0010.
 */
export function unknownKindError(apiVersion: string, kind: string): FieldError | undefined {
  const isOurs = isIn(OUR_DOMAIN, apiVersion);
  if (!isOurs && !isReferenceApi(apiVersion)) return undefined;
  if (kindsNamed(kind).some((known) => isOurs === isIn(OUR_DOMAIN, known.apiVersion))) return undefined;
  if (!isOurs && (REFERENCE_KINDS.has(kind) || isRouter(apiVersion, kind))) return undefined;

  const ours = KNOWN_KINDS.filter((known) => isIn(OUR_DOMAIN, known.apiVersion) === isOurs);
  const meant = didYouMean(
    kind,
    ours.map((known) => known.kind),
  );
  if (meant !== undefined) return { pointer: '/kind', message: `is no kind: did you mean ${meant}?` };
  if (!isOurs) return undefined;
  const elsewhere = kindsNamed(kind)[0];
  const hint = elsewhere ? `; ${kind} is ${elsewhere.apiVersion}` : '';
  const there = ours.map((known) => known.kind).join(', ');
  return { pointer: '/kind', message: `is no kind of ${BALANCE_API}, which has ${there}${hint}` };
}

/**
 * The error of a kind of ours under another group or version than its own. Only told where it can be a slip: inside our
 * groups and the reference's, and in a group that is spelt almost like the kind's own.
 */
export function apiVersionError(apiVersion: string, kind: string): FieldError | undefined {
  const namesakes = kindsNamed(kind);
  if (namesakes.some((known) => known.apiVersion === apiVersion)) return undefined;
  const meant = namesakes.find((known) => isSlip(apiVersion, known));
  return meant && { pointer: '/apiVersion', message: `must be ${meant.apiVersion} for kind ${kind}` };
}

function isSlip(apiVersion: string, { apiVersion: own, kind }: Kind): boolean {
  if (isIn(OUR_DOMAIN, own) && isIn(OUR_DOMAIN, apiVersion)) return true;
  if (isReferenceApi(own) && isReferenceApi(apiVersion)) return !REFERENCE_KINDS.has(kind);
  return didYouMean(apiGroupOf(apiVersion), [apiGroupOf(own)]) !== undefined;
}

function kindsNamed(name: string): readonly Kind[] {
  return KNOWN_KINDS.filter((known) => known.kind === name);
}

function isRouter(apiVersion: string, kind: string): boolean {
  return apiVersion === ROUTER_API && kind === 'Router';
}
