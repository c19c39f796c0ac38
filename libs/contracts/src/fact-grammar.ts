import { FACT_LIMITS } from './fact.js';

const GROUP = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;
const NODE =
  /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;
const TYPE = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
/** Text that can be shown in one line. */
export const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/**
 * Whether a text can name a group: 1-63 letters, digits, `_` and `-`, a letter or digit at both ends. The name is, as it
 * stands, a token of subjects and the end of a stream's name (ADR 0010).
 */
export function isGroupName(text: string): boolean {
  return GROUP.test(text);
}

/** Whether a text can name a node: a DNS name of at most 253 characters, whose labels may hold `_`. */
export function isNodeName(text: string): boolean {
  return text.length <= FACT_LIMITS.nodeLength && NODE.test(text);
}

/** Whether a text can be a fact type: dot-separated tokens, at most 16 tokens and 200 characters. */
export function isFactType(text: string): boolean {
  return (
    text.length <= FACT_LIMITS.typeLength &&
    TYPE.test(text) &&
    text.split('.').length <= FACT_LIMITS.typeTokens
  );
}

/** Whether a subject of a fact can begin so: subjects are printable, at most 512 characters, and never begin with a blank. */
export function isSubjectPrefix(text: string): boolean {
  return text.length <= FACT_LIMITS.subjectLength && PRINTABLE.test(text) && text.trimStart() === text;
}
