import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  AUDIT_FINDINGS,
  type AuditFinding,
  type AuditFindingKind,
  type AuditHead,
} from '@signalbox/contracts';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, MaxLength, Max, Min, ValidateNested } from 'class-validator';
import { FieldChangeDto } from '../changes/field-change.dto.js';
import { Flag } from '../http/flag.js';
import { PageQuery } from '../http/page.query.js';
import { TextFilter } from '../http/text-filter.js';
import type { JournalReport } from './journal-check.js';

/** What is kept elsewhere, to check against later. */
export class AuditHeadDto implements AuditHead {
  @ApiProperty({ description: 'Identity of the site.' }) @IsString() @MaxLength(64) siteId: string;
  @ApiProperty({ description: 'Of the seal; 0: there is none yet.' })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  number: number;
  @ApiProperty({ description: 'When it was made; empty: there is none yet.' })
  @IsString()
  @MaxLength(64)
  at: string;
  @ApiProperty({ description: 'Sequence of JOURNAL up to which it stands for everything.' })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  to: number;
  @ApiProperty({ description: 'HMAC-SHA256 in hex.' })
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be 64 hex digits' })
  head: string;
  @ApiProperty({ description: 'Which key it was made with.' }) @IsString() @MaxLength(64) key: string;
}

export class VerifyBody {
  @ApiPropertyOptional({
    description:
      'As `GET /v1/audit/head` gave it; without it an end that is cut off in both streams is not found.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => AuditHeadDto)
  head?: AuditHeadDto;
}

export class AuditFindingDto implements AuditFinding {
  @ApiProperty({ enum: AUDIT_FINDINGS }) kind: AuditFindingKind;
  @ApiPropertyOptional({ description: 'First sequence of JOURNAL that it is about.' }) from?: number;
  @ApiPropertyOptional({ description: 'The last one.' }) to?: number;
  @ApiPropertyOptional({ description: 'Number of a seal.' }) seal?: number;
  @ApiPropertyOptional({ description: 'Of an edited record.' }) subject?: string;
  @ApiProperty() message: string;
}

export class JournalReportDto implements JournalReport {
  @ApiProperty({ description: 'Nothing was found.' }) isWhole: boolean;
  @ApiProperty() seals: number;
  @ApiProperty({ description: 'Records that are as they were sealed.' }) records: number;
  @ApiProperty({ description: 'Sequence up to which JOURNAL is sealed.' }) sealedTo: number;
  @ApiProperty({ type: [AuditFindingDto], description: 'At most 100.' }) findings: AuditFindingDto[];
  @ApiProperty() findingsInAll: number;
}

/** One thing that somebody changed. */
export class AuditEntryDto {
  @ApiProperty({ description: 'Of the record in JOURNAL; of a changeset its revision.' }) seq: number;
  @ApiProperty({ description: 'Of the things that the record changes, from 0.' }) place: number;
  @ApiProperty() at: string;
  @ApiProperty({ description: 'Name of who did it.' }) author: string;
  @ApiPropertyOptional({ description: 'Tells callers apart for ever, such as `token:tok-…`.' })
  subject?: string;
  @ApiPropertyOptional({ description: 'IP address of the client.' }) address?: string;
  @ApiPropertyOptional({ description: 'Program of the client.' }) agent?: string;
  @ApiProperty({ description: '`apply`, `delete`, or what was commanded.' }) action: string;
  @ApiPropertyOptional() apiVersion?: string;
  @ApiProperty() kind: string;
  @ApiProperty() project: string;
  @ApiProperty() name: string;
  @ApiPropertyOptional({ description: 'Of a weight: pool and backend.' }) part?: string;
  @ApiPropertyOptional({ description: 'Why, as the author said.' }) reason?: string;
  @ApiPropertyOptional({ type: [FieldChangeDto], description: 'What is other than before, with `changes`.' })
  changes?: FieldChangeDto[];
}

export class AuditQuery extends PageQuery {
  @TextFilter('Name of who did it.') author?: string;
  @TextFilter('Subject of who did it.') subject?: string;
  @TextFilter('Kind of what was changed.') kind?: string;
  @TextFilter('Its name.') name?: string;
  @TextFilter('Its project.') inProject?: string;
  @TextFilter('Not before this time (RFC 3339, UTC).') since?: string;
  @TextFilter('Before this time (RFC 3339, UTC).') until?: string;
  @Flag('With what is other than before.') changes: boolean = false;
}

/** What one caller was refused for one reason, in about a minute. */
export class RefusedLineDto {
  @ApiProperty({ description: 'When the first of the minute was refused.' }) since: string;
  @ApiProperty({ description: 'When they were told.' }) at: string;
  @ApiPropertyOptional({ description: 'Who, when it was known.' }) subject?: string;
  @ApiProperty({ description: 'IP address; empty: of many callers, for which there was no room.' })
  address: string;
  @ApiProperty({ description: 'Such as an error code; `many`: of many callers.' }) reason: string;
  @ApiProperty({ description: 'The first route that was tried.' }) route: string;
  @ApiProperty() count: number;
}

export class RefusedDto {
  @ApiProperty({ type: [RefusedLineDto], description: 'Newest first, of the last 24 hours, at most 1,000.' })
  items: RefusedLineDto[];
}
