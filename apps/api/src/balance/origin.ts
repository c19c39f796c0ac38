import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type PartRef, PROVENANCE, type Resource } from '@signalbox/contracts';

class PartRefDto implements PartRef {
  @ApiProperty() source: string;
  @ApiProperty() generation: number;
}

class OriginFactsDto {
  @ApiProperty() group: string;
  @ApiProperty({ type: [String] }) ids: readonly string[];
}

/** Where a resource of the effective config comes from: a revision of an operator, or a part. */
export class OriginDto {
  @ApiPropertyOptional() revision?: number;
  @ApiPropertyOptional() part?: PartRefDto;
  @ApiPropertyOptional({ description: 'The facts that the part made it from, when it was made from facts.' })
  facts?: OriginFactsDto;
}

/** A resource of the effective config as its row says. */
export interface ConfiguredRow {
  readonly body: string;
  readonly revision: number | null;
  readonly part_source: string | null;
  readonly part_generation: number | null;
}

/** The origin of a row; its facts are told when its body is given. */
export function originOf(row: Omit<ConfiguredRow, 'body'> & { readonly body?: string | null }): OriginDto {
  const { revision, part_source: source, part_generation: generation, body } = row;
  return {
    ...(revision !== null && { revision }),
    ...(source !== null && { part: { source, generation: generation ?? 0 } }),
    ...(source !== null && body && factsOf(JSON.parse(body) as Resource)),
  };
}

function factsOf({ metadata: { annotations } }: Resource): Pick<OriginDto, 'facts'> {
  const group = annotations?.[PROVENANCE.group];
  const ids = annotations?.[PROVENANCE.factIds];
  return group === undefined || !ids ? {} : { facts: { group, ids: ids.split(',') } };
}
