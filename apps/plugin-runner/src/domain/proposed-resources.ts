import { CodedError, keyOf, type Resource } from '@signalbox/contracts';
import { requiredObject, requiredText } from './fields.js';
import type { Problems } from './problems.js';

/** Checks one resource by its kind and returns its normal form; throws a CodedError with `/spec/…` pointers. */
export type Validate = (input: unknown) => Resource;

/**
 * The resources of a result: each with a whole envelope and valid for its kind, none given twice.
 * Wrong fields are reported as `/status/resources/<index>/…`.
 */
export function readResources(items: readonly unknown[], validate: Validate, problems: Problems): Resource[] {
  const firstAt = new Map<string, number>();
  return items.flatMap((item, at) => {
    const pointer = `/status/resources/${at}`;
    const resource = readResource(item, pointer, validate, problems);
    if (resource === undefined) return [];
    const key = keyOf(resource);
    const first = firstAt.get(key);
    if (first !== undefined) problems.add(pointer, `is the same resource as /status/resources/${first}`);
    else firstAt.set(key, at);
    return [resource];
  });
}

function readResource(
  input: unknown,
  pointer: string,
  validate: Validate,
  problems: Problems,
): Resource | undefined {
  const resource = requiredObject(input, pointer, problems);
  if (resource === undefined) return undefined;
  const metadata = requiredObject(resource['metadata'], `${pointer}/metadata`, problems);
  const complete = [
    requiredText(resource['apiVersion'], `${pointer}/apiVersion`, problems),
    requiredText(resource['kind'], `${pointer}/kind`, problems),
    metadata && requiredText(metadata['name'], `${pointer}/metadata/name`, problems),
    requiredObject(resource['spec'], `${pointer}/spec`, problems),
  ].every((member) => member !== undefined);
  if (!complete) return undefined;
  try {
    return validate(resource);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (error.errors.length === 0) problems.add(pointer, error.message);
    for (const field of error.errors) problems.add(pointer + field.pointer, field.message);
    return undefined;
  }
}
