import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, ValidateIf } from 'class-validator';
import { OptionalText } from '../http/optional-text.js';
import { BackendDto } from './backends.dto.js';

/** Most characters of a reason. */
export const REASON_LENGTH = 1000;

export class ReasonBody {
  @OptionalText('Why, for the history.', REASON_LENGTH) reason?: string;
}

export class HeartbeatBody {
  @ApiPropertyOptional({
    default: true,
    description: 'false: the backend itself finds that it does not work.',
  })
  @ValidateIf((_body, value) => value !== undefined)
  @IsBoolean({ message: 'must be true or false' })
  ok?: boolean;

  @OptionalText('For people.', 200) detail?: string;
}

export class HeartbeatAnswerDto {
  @ApiProperty() accepted: boolean;
}

/** A backend after a command. */
export class BackendOutcomeDto extends BackendDto {
  @ApiProperty({ description: 'False when it was so already.' }) changed: boolean;
}
