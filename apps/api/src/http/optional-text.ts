import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Matches, MaxLength, ValidateIf } from 'class-validator';

/** A text of a body that may be absent; well-formed, at most `maxLength` characters. */
export function OptionalText(description: string, maxLength: number): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, description, maxLength }),
    ValidateIf((_body, value) => value !== undefined),
    MaxLength(maxLength, { message: `must have at most ${maxLength} characters` }),
    Matches(/^[^\0\p{Cs}]*$/u, { message: 'must be well-formed text without NUL' }),
    IsString({ message: 'must be a text' }),
  );
}
