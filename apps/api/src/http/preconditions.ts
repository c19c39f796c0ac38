import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { HonoursIfMatch } from '@signalbox/runtime';

/** Of a route that changes one resource. */
export function ComparesResource(): MethodDecorator {
  return applyDecorators(
    HonoursIfMatch(),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: '`ETag` of the version that you have seen.',
    }),
  );
}

/** Of a route that changes many resources. */
export function ComparesRevision(): MethodDecorator {
  return applyDecorators(
    HonoursIfMatch(),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The revision of the site at which you looked, in quotes: `"17"`.',
    }),
  );
}

/** The headers of a change that say what its caller has seen. */
export interface PreconditionHeaders {
  readonly 'if-match'?: string;
  readonly 'if-none-match'?: string;
}

/** An `If-Match` header as changes take it. */
export function seen(ifMatch: string | undefined): { ifMatch?: string } {
  return ifMatch === undefined ? {} : { ifMatch };
}
