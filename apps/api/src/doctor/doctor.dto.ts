import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Area, AREAS, type Check, CHECK_STATUSES, type CheckStatus } from '../domain/doctor/check.js';
import type { FederationSummary, SloGroup, SloViolation } from '../domain/doctor/federation-summary.js';
import type { RemediationAction } from '../domain/doctor/remediation.js';
import type { DoctorReport } from '../domain/doctor/report.js';
import { Flag } from '../http/flag.js';
import { ListFilter } from '../http/list-filter.js';

export class DoctorQuery {
  @ListFilter('Only these areas.', AREAS) area?: Area[];
  @Flag('Also what to do about what is wrong. Nothing is done.') plan?: boolean;
}

class CheckDto implements Check {
  @ApiProperty({ enum: AREAS }) area: Area;
  @ApiProperty({ description: 'One word for programs; does not change.' }) code: string;
  @ApiProperty({ description: 'What was looked at.' }) name: string;
  @ApiProperty({ enum: CHECK_STATUSES }) status: CheckStatus;
  @ApiProperty({ description: 'What was found.' }) detail: string;
  @ApiPropertyOptional({ description: 'What to do now: a command where there is one.' }) remedy?: string;
  @ApiPropertyOptional() group?: string;
  @ApiPropertyOptional() peer?: string;
  @ApiPropertyOptional({ description: '`Kind/name` of the resource that it is about.' }) resource?: string;
}

class CountsDto {
  @ApiProperty() pass: number;
  @ApiProperty() warn: number;
  @ApiProperty() fail: number;
  @ApiProperty() skip: number;
}

class SummaryDto extends CountsDto {
  @ApiProperty({
    enum: CHECK_STATUSES,
    description: 'fail if anything fails, else warn if anything warns, else pass; skip when all is skipped.',
  })
  overall: CheckStatus;
}

class DeliveryThresholdsDto {
  @ApiProperty() lagWarnSeconds: number;
  @ApiProperty() lagFailSeconds: number;
  @ApiProperty() expiresSoonSeconds: number;
}

class RunThresholdsDto {
  @ApiProperty() maxPendingRuns: number;
  @ApiProperty() maxFailedRuns: number;
}

class ThresholdsDto {
  @ApiProperty() delivery: DeliveryThresholdsDto;
  @ApiProperty() subscription: RunThresholdsDto;
}

class ViolationDto implements SloViolation {
  @ApiProperty() check: string;
  @ApiPropertyOptional() peer?: string;
  @ApiProperty() threshold: number;
  @ApiProperty() actual: number;
  @ApiProperty({ enum: ['warn', 'fail'] }) severity: 'warn' | 'fail';
}

class SloGroupDto implements SloGroup {
  @ApiProperty() group: string;
  @ApiProperty({ description: 'A FederationSLO says so; else these are the defaults.' }) defined: boolean;
  @ApiProperty() thresholds: ThresholdsDto;
  @ApiProperty({ type: [ViolationDto] }) violations: readonly ViolationDto[];
}

class SloDto {
  @ApiProperty({ type: [SloGroupDto] }) groups: readonly SloGroupDto[];
}

class FederationSummaryDto implements FederationSummary {
  @ApiProperty() severityCounts: CountsDto;
  @ApiProperty() failedDeliveryCount: number;
  @ApiProperty() staleTTLCount: number;
  @ApiProperty() pendingDeliveryCount: number;
  @ApiProperty() missingExpectedPeerCount: number;
  @ApiProperty({ description: 'Within the last hour.' }) maxDeliveryLagSeconds: number;
  @ApiProperty({ description: '0: nothing expires.' }) minExpiresInSeconds: number;
  @ApiProperty() totalEvents: number;
  @ApiProperty() totalDelivered: number;
  @ApiProperty({ description: 'Of the last hour, and those before that are not at an end.' })
  subscriptionRunsTotal: number;
  @ApiProperty() subscriptionRunsSucceeded: number;
  @ApiProperty() subscriptionRunsFailed: number;
  @ApiProperty() subscriptionRunsPending: number;
  @ApiProperty() slo: SloDto;
}

class ActionDto implements RemediationAction {
  @ApiProperty() action: string;
  @ApiProperty() reason: string;
  @ApiPropertyOptional() targetGroup?: string;
  @ApiPropertyOptional() targetPeer?: string;
  @ApiPropertyOptional() targetResource?: string;
  @ApiProperty({ description: 'Nothing can get worse by it.' }) safe: boolean;
  @ApiProperty() requiresOperatorApproval: boolean;
  @ApiPropertyOptional({ description: 'The command to begin with.' }) command?: string;
}

class PlanDto {
  @ApiProperty({ format: 'date-time' }) generatedAt: string;
  @ApiProperty({ type: [ActionDto] }) actions: readonly ActionDto[];
}

export class DoctorDto implements DoctorReport {
  @ApiProperty() summary: SummaryDto;
  @ApiProperty({ type: [CheckDto] }) checks: readonly CheckDto[];
  @ApiProperty() federation: FederationSummaryDto;
  @ApiPropertyOptional({ description: 'With `plan` only.' }) remediationPlan?: PlanDto;
}
