import { Query, ValidationPipe } from '@nestjs/common';
import { CodedError, type FieldError, pointerToken } from '@signalbox/contracts';
import type { ValidationError } from 'class-validator';

const pipe = new ValidationPipe({
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

/** The query of a route as its DTO; unknown parameters and wrong values are `validation-failed`. */
export function ValidQuery(): ParameterDecorator {
  return Query(pipe);
}

function fieldErrors({ property, constraints = {} }: ValidationError): FieldError[] {
  return Object.values(constraints).map((message) => ({
    pointer: `/${pointerToken(property)}`,
    message: message.startsWith(`${property} `) ? message.slice(property.length + 1) : message,
  }));
}
