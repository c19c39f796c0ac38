import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type NodeRule,
  POLICY_ACTIONS,
  type PolicyAction,
  REDIRECT_CODES,
  type RedirectCode,
  RULE_COMPARES,
  RULE_TYPES,
  type RuleCompare,
  type RuleType,
} from '@signalbox/contracts';

class ListenerRuleDto implements NodeRule {
  @ApiProperty({ enum: RULE_TYPES }) type: RuleType;
  @ApiPropertyOptional({ description: 'Name of the header or cookie.' }) key?: string;
  @ApiProperty({ enum: RULE_COMPARES }) compare: RuleCompare;
  @ApiProperty() value: string;
  @ApiPropertyOptional({ description: 'It matches what it would not match.' }) invert?: true;
}

/** A policy that is in effect: enabled, with a rule that is. */
export class ListenerPolicyDto {
  @ApiProperty({ description: 'Of the L7Policy.' }) name: string;
  @ApiProperty({ enum: POLICY_ACTIONS }) action: PolicyAction['action'];
  @ApiPropertyOptional({ description: 'Of redirect-to-url.' }) url?: string;
  @ApiPropertyOptional({ description: 'Of redirect-prefix.' }) prefix?: string;
  @ApiPropertyOptional({ description: 'Of redirect-to-pool: one of policyPools.' }) pool?: string;
  @ApiPropertyOptional({ enum: REDIRECT_CODES, description: 'Of redirects that clients are told of.' })
  code?: RedirectCode;
  @ApiProperty({ type: [ListenerRuleDto], description: 'All of them have to match.' })
  rules: readonly ListenerRuleDto[];
}
