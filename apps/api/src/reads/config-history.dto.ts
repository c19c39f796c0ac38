import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { FieldChangeDto } from '../changes/field-change.dto.js';
import { PageQuery } from '../http/page.query.js';

/** Longest text that names a moment. */
const MOMENT_LENGTH = 64;
const MOMENT = 'a generation, an RFC 3339 time, or how long ago, such as `2h`';

export class AtQuery {
  @ApiPropertyOptional({ type: String, description: `As it was: ${MOMENT}. Absent: now.` })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  @MaxLength(MOMENT_LENGTH)
  at?: string;
}

export class ChangesQuery extends PageQuery {
  @ApiProperty({ description: `From when: ${MOMENT}.` })
  @IsString({ message: 'must be given, once' })
  @MaxLength(MOMENT_LENGTH)
  from: string;

  @ApiPropertyOptional({ type: String, description: 'Until when, as `from`. Absent: now.' })
  @IsOptional()
  @IsString({ message: 'must be given once' })
  @MaxLength(MOMENT_LENGTH)
  to?: string;
}

/** A generation that a question was answered from. */
export class MomentDto {
  @ApiProperty() generation: number;
  @ApiProperty({ description: 'When it was recorded.' }) at: string;
  @ApiProperty() digest: string;
}

/** What became of one resource of the effective config between two generations. */
export class ConfigChangeDto {
  @ApiProperty({ enum: ['added', 'changed', 'removed'] }) action: 'added' | 'changed' | 'removed';
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiPropertyOptional({
    description: 'Source of the part that it stems from; that it stemmed from, when removed.',
  })
  source?: string;
  @ApiPropertyOptional({ description: 'Revision that put it, when people declared it.' }) revision?: number;
  @ApiPropertyOptional({
    type: [FieldChangeDto],
    description: 'Of `changed`, without provenance annotations.',
  })
  fields?: readonly FieldChangeDto[];
}

export class ConfigChangesDto {
  @ApiProperty() from: MomentDto;
  @ApiProperty() to: MomentDto;
  @ApiProperty({
    type: [ConfigChangeDto],
    description: 'Sorted by identity; what came back as it was is left out.',
  })
  items: readonly ConfigChangeDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' }) next?: string;
}
