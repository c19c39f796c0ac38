import { RE2JS } from 're2js';
import type { FieldError } from '../../errors.js';
import { RULE_COMPARES, RULE_TYPES, type RuleCompare, type RuleType } from '../../node-state/node-policy.js';
import { FORMATS } from '../../schema/formats.js';
import { FLAG, NON_BLANK, oneOf, shape, TEXT } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { L7_POLICY } from './l7-policy.js';
import { L7_LIMITS, type L7RuleSpec } from './l7-specs.js';
import { BALANCE_API } from './specs.js';

/** Types that look at one of many things, which has a name. */
const NAMED: readonly RuleType[] = ['header', 'cookie'];

/** A file type is a word: only this makes sense of it, as in the tenant-API anchor. */
const OF_FILE_TYPES: readonly RuleCompare[] = ['equal-to', 'regex'];

/** Of the token of RFC 9110 section 5.6.2 what every data plane takes as it is. */
const HEADER_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** One condition of an L7Policy: all that are enabled must match. spec/balance "Resources". */
export const L7_RULE: Kind = {
  apiVersion: BALANCE_API,
  kind: 'L7Rule',
  schema: shape<L7RuleSpec>(
    { policy: NON_BLANK, type: oneOf(RULE_TYPES), compare: oneOf(RULE_COMPARES), value: TEXT },
    { description: TEXT, key: TEXT, invert: FLAG, enabled: FLAG },
  ),
  checkFields(resource) {
    const spec = specOf<L7RuleSpec>(resource);
    return [...keyErrors(spec), ...compareErrors(spec), ...valueErrors(spec)];
  },
  checkReferences(resource, lookup) {
    return checkReference('/spec/policy', L7_POLICY, specOf<L7RuleSpec>(resource).policy, lookup);
  },
};

function keyErrors({ type, key }: L7RuleSpec): readonly FieldError[] {
  const wrong = (message: string): FieldError[] => [{ pointer: '/spec/key', message }];
  if (!NAMED.includes(type))
    return key === undefined ? [] : wrong(`is of header and cookie only: the type is ${type}`);
  if (key === undefined) return wrong(`is required with type ${type}: its name`);
  if (type === 'cookie') {
    const { test, expected } = FORMATS['cookie-name'];
    return test(key) ? [] : wrong(expected);
  }
  return HEADER_NAME.test(key) ? [] : wrong('must be 1-64 letters, digits, "_" and "-"');
}

function compareErrors({ type, compare }: L7RuleSpec): readonly FieldError[] {
  if (type !== 'file-type' || OF_FILE_TYPES.includes(compare)) return [];
  return [{ pointer: '/spec/compare', message: `of a file-type must be one of ${OF_FILE_TYPES.join(', ')}` }];
}

function valueErrors({ compare, value }: L7RuleSpec): readonly FieldError[] {
  const problem = valueProblem(value) ?? (compare === 'regex' ? regexProblem(value) : undefined);
  return problem === undefined ? [] : [{ pointer: '/spec/value', message: problem }];
}

function valueProblem(value: string): string | undefined {
  if (value === '') return 'must not be empty';
  if (value.length > L7_LIMITS.valueLength) return `must have at most ${L7_LIMITS.valueLength} characters`;
  return /\p{Cc}|\p{Cs}/u.test(value) ? 'must not hold control characters' : undefined;
}

/**
 * Data planes have engines of their own. What one without backtracking takes, all of them do, but for rare words of it: a node that
 * does not know such a word refuses the listener and says so.
 */
function regexProblem(value: string): string | undefined {
  try {
    RE2JS.compile(value);
    return undefined;
  } catch (error) {
    return `must be a regular expression of RE2: ${error instanceof Error ? error.message : String(error)}`;
  }
}
