import { ValidationPipe } from '@nestjs/common';
import { CodedError, type FieldError, pointerToken } from '@signalbox/contracts';
import type { ValidationError } from 'class-validator';

/** Makes the DTO of a query or a body; unknown members and wrong values are `validation-failed`. */
export const DTO_PIPE = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  stopAtFirstError: true,
  exceptionFactory: (errors) => {
    const fields = errors.flatMap(fieldErrors);
    const [first] = fields;
    return new CodedError('validation-failed', `${first?.pointer} ${first?.message}`, fields);
  },
});

function fieldErrors({ property, constraints = {} }: ValidationError): FieldError[] {
  return Object.values(constraints).map((message) => ({
    pointer: `/${pointerToken(property)}`,
    message: message.startsWith(`${property} `) ? message.slice(property.length + 1) : message,
  }));
}
