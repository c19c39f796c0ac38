import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { PartRef } from '@signalbox/contracts';

class PartRefDto implements PartRef {
  @ApiProperty() source: string;
  @ApiProperty() generation: number;
}

/** Where a resource of the effective config comes from: a revision of an operator, or a part. */
export class OriginDto {
  @ApiPropertyOptional() revision?: number;
  @ApiPropertyOptional() part?: PartRefDto;
}

/** A resource of the effective config as its row says. */
export interface ConfiguredRow {
  readonly body: string;
  readonly revision: number | null;
  readonly part_source: string | null;
  readonly part_generation: number | null;
}

export function originOf(row: Omit<ConfiguredRow, 'body'>): OriginDto {
  const { revision, part_source: source, part_generation: generation } = row;
  return {
    ...(revision !== null && { revision }),
    ...(source !== null && { part: { source, generation: generation ?? 0 } }),
  };
}
