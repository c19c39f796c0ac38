import { Param, type PipeTransform } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import { STORABLE } from './storable.js';

const pipe: PipeTransform<string, string> = {
  transform: (value, { data = '' }) => {
    if (STORABLE.test(value)) return value;
    throw new CodedError('validation-failed', `${data} in the path must not hold NUL`, [
      { pointer: `/${data}`, message: 'must not hold NUL' },
    ]);
  },
};

/** A text in the path of a route. */
export function PathText(name: string): ParameterDecorator {
  return Param(name, pipe);
}
