import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const TEXTS = { type: 'object', additionalProperties: { type: 'string' } } as const;

export class ResourceMetadataDto {
  @ApiProperty({ description: '1-253 printable characters without blanks.' }) name: string;
  @ApiPropertyOptional({ default: 'default' }) project?: string;
  @ApiPropertyOptional(TEXTS) labels?: Record<string, string>;
  @ApiPropertyOptional(TEXTS) annotations?: Record<string, string>;
  @ApiPropertyOptional({ description: 'The name that it takes over from.' }) renamedFrom?: string;
}

/** Any resource, as it is given and as it is kept. */
export class ResourceDto {
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty({ type: ResourceMetadataDto }) metadata: ResourceMetadataDto;
  @ApiProperty({ type: 'object', additionalProperties: true }) spec: Record<string, unknown>;
}
