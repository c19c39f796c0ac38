import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '@signalbox/contracts';
import type {
  MendedTable,
  ProjectionReport,
  RebuildProgress,
  RebuildReport,
  RowDifference,
  TableReport,
} from '@signalbox/store';
import { ListFilter } from '../http/list-filter.js';

export class FoldQuery {
  @ListFilter('Projections, default all.') name?: string[];
}

class TableRowsDto {
  @ApiProperty() name: string;
  @ApiProperty() rows: number;
}

export class ProjectionItemDto {
  @ApiProperty() name: string;
  @ApiProperty({ description: 'The stream that it is folded from.' }) stream: string;
  @ApiProperty({ description: 'Sequence of the last message folded and committed.' }) position: number;
  @ApiProperty({ description: 'Sequence of the newest message that it has to read.' }) lastSeq: number;
  @ApiProperty({ description: 'How many sequence numbers lie between; 0 = everything is read.' }) lag: number;
  @ApiProperty({ description: 'Rows of all its tables.' }) rows: number;
  @ApiProperty({ type: [TableRowsDto] }) tables: readonly TableRowsDto[];
}

export class ProjectionsDto {
  @ApiProperty({ type: [ProjectionItemDto] }) items: readonly ProjectionItemDto[];
}

class RowDifferenceDto implements RowDifference {
  @ApiProperty({
    enum: ['missing', 'extra', 'different'],
    description: '`missing`: not in the table; `extra`: only there.',
  })
  kind: RowDifference['kind'];
  @ApiProperty({
    type: Object,
    additionalProperties: true,
    description: 'Columns of the key with their values.',
  })
  key: Readonly<Record<string, unknown>>;
  @ApiPropertyOptional({ type: [String], description: 'Columns that differ.' }) columns?: readonly string[];
}

class TableReportDto implements TableReport {
  @ApiProperty() name: string;
  @ApiProperty() rows: number;
  @ApiProperty({ description: 'Rows when folded again.' }) rowsFolded: number;
  @ApiProperty({ description: 'sha256 over the rows in order of their keys, as canonical JSON.' })
  live: string;
  @ApiProperty({ description: 'The same when folded again.' }) folded: string;
  @ApiProperty() equal: boolean;
  @ApiProperty({ description: 'How many rows differ.' }) differences: number;
  @ApiProperty({ type: [RowDifferenceDto], description: 'The first ten of them.' })
  named: readonly RowDifferenceDto[];
}

export class ProjectionReportDto implements ProjectionReport {
  @ApiProperty() name: string;
  @ApiProperty() stream: string;
  @ApiProperty({ description: 'Sequence at which both were compared.' }) position: number;
  @ApiProperty({ description: 'Messages folded again.' }) records: number;
  @ApiProperty({ description: 'Those of them that cannot be read.' }) passedOver: number;
  @ApiProperty() equal: boolean;
  @ApiProperty({ type: [TableReportDto] }) tables: readonly TableReportDto[];
}

class ProgressDto implements RebuildProgress {
  @ApiProperty({ description: 'Sequence behind which the fold began.' }) from: number;
  @ApiProperty({ description: 'Sequence up to which it is folded.' }) position: number;
  @ApiProperty({ description: 'Sequence at which the live tables were when it began.' }) to: number;
  @ApiProperty({ description: 'Messages folded by now.' }) records: number;
}

export class RebuildProgressDto {
  @ApiProperty() name: string;
  @ApiProperty() progress: ProgressDto;
}

class MendedTableDto implements MendedTable {
  @ApiProperty() name: string;
  @ApiProperty({ description: 'Rows as the stream says.' }) rows: number;
  @ApiProperty({ description: 'Rows that were missing.' }) added: number;
  @ApiProperty({ description: 'Rows that were different.' }) changed: number;
  @ApiProperty({ description: 'Rows that only the table had.' }) removed: number;
}

export class RebuildReportDto implements RebuildReport {
  @ApiProperty() name: string;
  @ApiProperty() stream: string;
  @ApiProperty({ description: 'Sequence at which the tables are what the stream says.' }) position: number;
  @ApiProperty({ description: 'Messages folded.' }) records: number;
  @ApiProperty({ description: 'Those of them that cannot be read.' }) passedOver: number;
  @ApiProperty({ type: [MendedTableDto] }) tables: readonly MendedTableDto[];
}

class FoldErrorDto {
  @ApiProperty({ enum: Object.keys(ERRORS) }) code: ErrorCode;
  @ApiProperty() message: string;
}

export class FoldFailedDto {
  @ApiProperty({ description: 'Why it ends here: nothing follows.' }) error: FoldErrorDto;
}
