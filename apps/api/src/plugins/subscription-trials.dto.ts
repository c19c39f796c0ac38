import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type ErrorBody, type FactOutcome, type Resource, TRIAL_LIMITS } from '@signalbox/contracts';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';

export class TestSubscriptionBody {
  @ApiProperty({
    type: [Object],
    minItems: 1,
    maxItems: TRIAL_LIMITS.events,
    description:
      'Facts, as `event emit` takes them; they are not stored. The group is that of the subscription.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(TRIAL_LIMITS.events)
  events: unknown[];
}

export class TriedFactDto {
  @ApiProperty() id: string;
  @ApiProperty() type: string;
  @ApiProperty() subject: string;
  @ApiProperty() matched: boolean;
  @ApiPropertyOptional({ description: 'The first clause that failed.' }) clause?: string;
  @ApiPropertyOptional({ description: 'What it wanted, and what it found.' }) message?: string;
}

/** One run that the facts would start, executed. */
export class TriedRunDto {
  @ApiProperty({ type: [String], description: 'Ids of its facts.' }) facts: string[];
  @ApiProperty({
    enum: ['succeeded', 'failed', 'rejected'],
    description: 'rejected: its part would not be taken.',
  })
  state: 'succeeded' | 'failed' | 'rejected';
  @ApiProperty({ description: 'Milliseconds that the plugin took.' }) durationMs: number;
  @ApiProperty({ type: [Object], description: 'What the plugin told of each fact.' })
  outcomes: readonly FactOutcome[];
  @ApiProperty({
    type: [Object],
    description: 'Resources as they would stand in the part; of a rejected one as proposed.',
  })
  resources: readonly Resource[];
  @ApiPropertyOptional({ description: 'When the part would end.' }) expiresAt?: string;
  @ApiPropertyOptional({ type: Object, description: 'Why it failed, or would be rejected.' })
  error?: ErrorBody;
  @ApiPropertyOptional({ description: 'End of what the plugin wrote to stderr.' }) stderr?: string;
}

export class WaitingTrialDto {
  @ApiProperty({ description: 'Such as plugin-missing.' }) reason: string;
  @ApiProperty({ description: 'The resource that it waits for.' }) waitsFor: string;
}

/** What a subscription makes of facts that nobody observed. */
export class SubscriptionTestDto {
  @ApiProperty({ type: [TriedFactDto] }) facts: readonly TriedFactDto[];
  @ApiProperty({ type: [TriedRunDto] }) runs: readonly TriedRunDto[];
  @ApiPropertyOptional({ type: WaitingTrialDto, description: 'Why nothing runs that matched.' })
  waiting?: WaitingTrialDto;
}
