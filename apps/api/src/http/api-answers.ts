import { applyDecorators, type Type, UseInterceptors } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiDefaultResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { ERRORS } from '@signalbox/contracts';
import { PickFields } from './pick-fields.js';

/** One wrong field of a request. */
export class FieldErrorDto {
  @ApiProperty({ description: 'JSON Pointer into the request.' }) pointer: string;
  @ApiProperty() message: string;
}

/** Error body of every route (RFC 9457). */
export class ProblemDto {
  @ApiProperty() type: string;
  @ApiProperty() title: string;
  @ApiProperty() status: number;
  @ApiProperty({ enum: Object.keys(ERRORS) }) code: string;
  @ApiProperty() detail: string;
  @ApiProperty() instance: string;
  @ApiProperty({ description: 'Whether the same request may succeed later.' }) retryable: boolean;
  @ApiPropertyOptional({ type: [FieldErrorDto] }) errors?: FieldErrorDto[];
}

/** What all controllers of the API say about themselves. */
export function ApiNoun(tag: string): ClassDecorator {
  return applyDecorators(
    ApiTags(tag),
    ApiBearerAuth(),
    ApiExtraModels(ProblemDto),
    ApiDefaultResponse({
      description: 'Any error; 401 without a valid token.',
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
    }),
  );
}

/** The answer of a list. `beside`: further lists that it may hold. */
export function ApiPage(
  item: Type,
  beside: Readonly<Record<string, { readonly type: Type; readonly description: string }>> = {},
): MethodDecorator {
  const lists = Object.entries(beside).map(([name, { type, description }]) => [
    name,
    { type: 'array', items: { $ref: getSchemaPath(type) }, description },
  ]);
  return applyDecorators(
    UseInterceptors(new PickFields(item)),
    ApiExtraModels(item, ...Object.values(beside).map(({ type }) => type)),
    ApiOkResponse({
      schema: {
        required: ['items'],
        properties: {
          items: { type: 'array', items: { $ref: getSchemaPath(item) } },
          next: { type: 'string', description: 'Cursor of the next page; absent on the last.' },
          ...Object.fromEntries(lists),
        },
      },
    }),
  );
}
