import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, ValidateIf } from 'class-validator';
import { OptionalText } from '../http/optional-text.js';

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
