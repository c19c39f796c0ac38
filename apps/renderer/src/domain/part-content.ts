import {
  CodedError,
  digestOf,
  type Directive,
  keyOf,
  maskTargetRef,
  type ProposedPart,
  type ReferenceFieldError,
  refOf,
  refText,
  type Resource,
  type ResourceLookup,
  type SetRule,
  withoutProvenance,
} from '@signalbox/contracts';
import { compareText, keyed } from './keyed-resource.js';
import type { Problem } from './problem.js';

/**
 * What is known about kinds, given from outside. `validate` throws CodedError with JSON Pointers into the resource
 * and returns its normal form; `checkReferences` says which references of a resource do not resolve. A reference rule
 * may only ask that something is there and fits: it must not hold because something is absent. What must not be beside each
 * other is said by `setRules`.
 */
export interface MergeRules {
  readonly validate: (input: unknown) => Resource;
  readonly checkReferences: (resource: Resource, lookup: ResourceLookup) => readonly ReferenceFieldError[];
  readonly setRules: readonly SetRule[];
}

type Content = Pick<ProposedPart, 'resources' | 'directives'>;

/** Digest of what a part says: the content digests of its resources in canonical order, and its directives. */
export function partDigest({ resources, directives }: Content): string {
  const own = resources.map(keyed).sort((a, b) => compareText(a.key, b.key));
  return digestOf({ resources: own.map(({ digest }) => digest), directives });
}

/** What is wrong with a part whatever surrounds it: unknown operations, invalid resources, the same identity twice. */
export function contentProblems(content: Content, rules: MergeRules): readonly Problem[] {
  return checkContent(content, rules).problems;
}

/** The resources of a part in normal form, or what is wrong with them. */
export function checkContent(
  { resources, directives }: Content,
  rules: MergeRules,
): { resources: readonly Resource[]; problems: readonly Problem[] } {
  const problems = directives.flatMap(unknownOperation);
  const valid: Resource[] = [];
  const places = new Map<string, number>();
  for (const [index, input] of resources.entries()) {
    const checked = checkResource(input, index, rules);
    if (Array.isArray(checked)) {
      problems.push(...checked);
      continue;
    }
    const first = places.get(keyOf(checked));
    if (first === undefined) places.set(keyOf(checked), index);
    else
      problems.push({
        code: 'part-invalid',
        pointer: `/resources/${index}`,
        message: `${refText(refOf(checked))} is already given at /resources/${first}`,
      });
    valid.push(checked);
  }
  return { resources: valid, problems };
}

/** Of a record that another version wrote: this one knows no other operation. */
function unknownOperation({ op, target }: Directive, index: number): Problem[] {
  if ((op as string) === 'mask') return [];
  const message = `${op} of ${refText(maskTargetRef(target))} is denied: the only operation is mask`;
  return [{ code: 'mask-denied', pointer: `/directives/${index}/op`, message }];
}

function checkResource(input: Resource, index: number, rules: MergeRules): Resource | Problem[] {
  try {
    return rules.validate(withoutProvenance(input));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const fields = error.errors.length > 0 ? error.errors : [{ pointer: '', message: error.message }];
    return fields.map(({ pointer, message }) => ({
      code: 'part-invalid',
      pointer: `/resources/${index}${pointer}`,
      message: `${nameOf(input)}: ${pointer} ${message}`,
    }));
  }
}

/** How people find an invalid resource, which may lack any member. */
function nameOf(input: Partial<Resource>): string {
  return `${input.kind ?? '(no kind)'}/${input.metadata?.name ?? '(no name)'}`;
}
