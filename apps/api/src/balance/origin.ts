import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { BALANCE_API, DEFAULT_PROJECT, type PartRef } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';

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

/** One resource of a balance kind, or undefined when the effective config does not have it. */
export async function findConfigured(
  tx: EntityManager,
  kind: string,
  name: string,
): Promise<ConfiguredRow | undefined> {
  const [row] = await tx.query<ConfiguredRow[]>(
    `select body, revision, part_source, part_generation from effective_resources
      where api_version = $1 and kind = $2 and project = $3 and name = $4`,
    [BALANCE_API, kind, DEFAULT_PROJECT, name],
  );
  return row;
}

export function originOf(row: Omit<ConfiguredRow, 'body'>): OriginDto {
  const { revision, part_source: source, part_generation: generation } = row;
  return {
    ...(revision !== null && { revision }),
    ...(source !== null && { part: { source, generation: generation ?? 0 } }),
  };
}
