import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ANY_JSON } from '../openapi/any-json.js';
import type { FieldChange } from '../domain/field-diff.js';

export class FieldChangeDto implements FieldChange {
  @ApiProperty({ description: 'JSON Pointer into the resource; `/set` is the set that owns it.' })
  path: string;
  @ApiPropertyOptional({ oneOf: ANY_JSON, description: 'Absent when the field is new.' }) from?: unknown;
  @ApiPropertyOptional({ oneOf: ANY_JSON, description: 'Absent when the field is gone.' }) to?: unknown;
}
