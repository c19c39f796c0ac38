import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { OptionalText } from '../http/optional-text.js';
import { REASON_LENGTH } from './backend-commands.dto.js';
import { TimeUntilEnd } from './weights.dto.js';

/** Which places of a backend a command is about. */
export class UndrainBody {
  @OptionalText('Why, for the history.', REASON_LENGTH) reason?: string;
  @OptionalText('Only in this listener, in all of them when left out.', 253) listener?: string;
}

export class DrainBody extends UndrainBody {
  @TimeUntilEnd()
  expiresIn?: string;
}

/** One place where a backend is a target, as it is after the command. */
class DrainedTargetDto {
  @ApiProperty() listener: string;
  @ApiProperty() pool: string;
  @ApiProperty({ minimum: 0, maximum: 100 }) weight: number;
  @ApiProperty({ minimum: 0, maximum: 100, description: 'What the data plane must use.' }) effective: number;
}

export class DrainDto {
  @ApiProperty() backend: string;
  @ApiPropertyOptional({ description: 'Absent: default. Its listeners are of the same.' }) project?: string;
  @ApiProperty({ type: [DrainedTargetDto], description: 'By listener, then pool.' })
  targets: readonly DrainedTargetDto[];
}
