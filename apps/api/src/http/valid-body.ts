import { Body, type PipeTransform } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import { DTO_PIPE } from './dto-pipe.js';

const jsonObject: PipeTransform = {
  transform: (value: unknown) => {
    if (value === undefined) return {};
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return withoutInherited(value);
    throw new CodedError('validation-failed', 'the body must be a JSON object, sent as application/json', [
      { pointer: '', message: 'must be an object' },
    ]);
  },
};

/** The JSON body of a route as its DTO, no body = `{}`; unknown members and wrong values are `validation-failed`. */
export function ValidBody(): ParameterDecorator {
  return Body(jsonObject, DTO_PIPE);
}

/** What makes DTOs drops such names in silence; any other unknown member is refused. */
function withoutInherited(body: object): object {
  const name = ['__proto__', 'constructor'].find((one) => Object.hasOwn(body, one));
  if (name === undefined) return body;
  const error = { pointer: `/${name}`, message: `property ${name} should not exist` };
  throw new CodedError('validation-failed', `${error.pointer} ${error.message}`, [error]);
}
