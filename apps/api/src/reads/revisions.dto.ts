import { ApiProperty } from '@nestjs/swagger';
import type { ResourceRef } from '@signalbox/contracts';

/** One changeset of operator resources. */
export class RevisionDto {
  @ApiProperty({ description: 'What `POST /v1/rollback` takes.' }) revision: number;
  @ApiProperty() at: string;
  @ApiProperty({ description: 'Name of the token.' }) author: string;
  @ApiProperty({ description: 'Why, as the author said.' }) message: string;
}

/** What a changeset did to one resource. */
export class RevisedResourceDto implements ResourceRef {
  @ApiProperty({ enum: ['added', 'changed', 'removed'] }) action: 'added' | 'changed' | 'removed';
  @ApiProperty() apiVersion: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
}
