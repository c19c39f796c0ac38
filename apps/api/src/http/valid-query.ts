import { Query } from '@nestjs/common';
import { DTO_PIPE } from './dto-pipe.js';

/** The query of a route as its DTO; unknown parameters and wrong values are `validation-failed`. */
export function ValidQuery(): ParameterDecorator {
  return Query(DTO_PIPE);
}
