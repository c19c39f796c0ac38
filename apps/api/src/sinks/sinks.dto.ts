import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  SINK_STATES,
  SINK_STEPS,
  SINK_TARGETS,
  type SinkState,
  type SinkStep,
  type SinkTargetWay,
} from '@signalbox/contracts';
import { APPLY_OUTCOMES, type ApplyOutcome } from '@signalbox/store';

/** What the target of a sink has. */
export class SinkContentDto {
  @ApiProperty({ description: 'Generation of the effective config that it was made of.' }) generation: number;
  @ApiProperty({ description: 'sha256 in hex: of a file or body; of NATS KV of its keys and values.' })
  digest: string;
  @ApiProperty() bytes: number;
  @ApiProperty({ description: 'Resources in it.' }) resources: number;
  @ApiProperty({ description: 'When it was applied.' }) at: string;
  @ApiProperty({ description: 'Path, bucket with its prefix, or URL.' }) place: string;
}

export class SinkErrorDto {
  @ApiProperty({ description: 'An error code.' }) code: string;
  @ApiProperty() message: string;
}

/** Why the newest content is not there. */
export class SinkFailureDto {
  @ApiProperty({ enum: SINK_STEPS }) step: SinkStep;
  @ApiProperty() error: SinkErrorDto;
  @ApiPropertyOptional({ description: 'The end of what a command or a server answered, at most 8 KiB.' })
  output?: string;
  @ApiProperty({ description: 'How often in a row.' }) attempts: number;
  @ApiPropertyOptional({ description: 'Absent: only with another content, or after `resume`.' })
  retryAt?: string;
}

/** Who paused a sink. */
export class SinkPauseDto {
  @ApiProperty() author: string;
  @ApiProperty({ description: 'Empty: none was given.' }) reason: string;
  @ApiProperty() at: string;
}

/** What was tried of a sink. */
export class SinkApplyDto {
  @ApiProperty({ description: 'Of the record that says so; rises.' }) version: number;
  @ApiProperty() at: string;
  @ApiProperty({
    enum: APPLY_OUTCOMES,
    description: '`failed`: the target has what it had before, which is `content`.',
  })
  outcome: ApplyOutcome;
  @ApiProperty({ description: 'Generation of the effective config.' }) generation: number;
  @ApiPropertyOptional({ description: 'What the target had then.' }) content?: SinkContentDto;
  @ApiPropertyOptional() failure?: SinkFailureDto;
}

export class SinkItemDto {
  @ApiProperty() name: string;
  @ApiProperty() description: string;
  @ApiProperty({ enum: SINK_TARGETS }) target: SinkTargetWay;
  @ApiProperty({ description: 'Path, bucket with its prefix, or URL.' }) place: string;
  @ApiProperty({ description: 'Revision that declared it as it is.' }) revision: number;
  @ApiPropertyOptional({
    enum: SINK_STATES,
    description: 'This and what is behind it is absent while `sinks` has not said how it stands.',
  })
  state?: SinkState;
  @ApiPropertyOptional({ description: 'Since when it stands like that.' }) at?: string;
  @ApiPropertyOptional({ description: 'Why it waits, is held, or has drifted.' }) reason?: string;
  @ApiPropertyOptional({ description: 'Absent: nothing of ours.' }) content?: SinkContentDto;
  @ApiPropertyOptional({
    description:
      'Generations since the one that the target has, while it does not have what it shall have; else 0.',
  })
  behind?: number;
  @ApiPropertyOptional() failure?: SinkFailureDto;
  @ApiPropertyOptional({ description: 'Absent: it is not paused.' }) paused?: SinkPauseDto;
}

export class SinkDto extends SinkItemDto {
  @ApiProperty({ type: [SinkApplyDto], description: 'The last ones, newest first.' })
  applies: readonly SinkApplyDto[];
}

/** What a sink would write now. */
export class SinkRenderingDto {
  @ApiProperty() sink: string;
  @ApiProperty({ description: 'Generation of the effective config that it is made of.' }) generation: number;
  @ApiProperty({ description: 'Resources in it.' }) resources: number;
  @ApiProperty() digest: string;
  @ApiProperty() bytes: number;
  @ApiProperty({ description: 'Of NATS KV the resources as a document, because it has a key for each.' })
  text: string;
  @ApiProperty({ description: 'Whether the target has exactly this.' }) isApplied: boolean;
  @ApiPropertyOptional({ description: 'Why it would not be written.' }) held?: string;
}
