import type { FieldError } from '../../errors.js';
import { hostAddressProblem } from '../../ip-address.js';

/** What is wrong with the fields of a spec that must each be the address of one host; absent ones are not. */
export function hostAddressErrors<Spec extends object>(
  spec: Spec,
  ...fields: readonly (keyof Spec & string)[]
): readonly FieldError[] {
  return fields.flatMap((field) => {
    const address = spec[field];
    const message = typeof address === 'string' ? hostAddressProblem(address) : undefined;
    return message === undefined ? [] : [{ pointer: `/spec/${field}`, message }];
  });
}
