import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type CommandAnswer,
  formatTime,
  timestampMs,
  type WeightRequest,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { FrontendBook } from './frontend-book.js';
import { FrontendInputs } from './frontend-inputs.js';
import { FrontendRecords } from './frontend-records.js';
import { Weighing } from './weighing.js';
import { WeightOverrides } from './weight-overrides.js';

/** Weights of members as operators set them. */
@Injectable()
export class WeightCommands {
  constructor(
    private readonly inputs: FrontendInputs,
    private readonly frontends: FrontendBook,
    private readonly overrides: WeightOverrides,
    private readonly weighing: Weighing,
    private readonly records: FrontendRecords,
    private readonly clock: Clock,
  ) {}

  /**
   * Sets a weight or gives it back to the config; names the last record that followed, if any did. Throws `not-ready`,
   * `not-found`, `validation-failed`.
   */
  set(request: WeightRequest): Promise<CommandAnswer> {
    return this.inputs.turn(async () => {
      const { frontend, pool, backend, weight, author, reason, expiresAt } = request;
      this.refuseUnknown(request);
      const place = { frontend, pool, backend, author, at: formatTime(this.clock.now()) };
      const why = reason === undefined ? {} : { reason };
      if (weight === null) await this.overrides.append({ type: 'cleared', ...place, ...why });
      else
        await this.overrides.append({
          type: 'set',
          ...place,
          weight,
          ...why,
          ...(expiresAt !== undefined && { expiresAt }),
        });
      const before = this.records.lastSeq;
      await this.weighing.decide([frontend]);
      const seq = this.records.lastSeq;
      return seq > before ? { seq } : {};
    });
  }

  private refuseUnknown({ frontend, pool, backend, expiresAt }: WeightRequest): void {
    const isMember = this.frontends.hasMember(frontend, pool, backend);
    if (isMember === undefined) throw new CodedError('not-found', `there is no frontend "${frontend}"`);
    if (!isMember)
      throw new CodedError(
        'not-found',
        `frontend ${frontend} has no backend "${backend}" in a pool "${pool}"`,
      );
    if (expiresAt !== undefined && timestampMs(expiresAt) <= this.clock.now())
      throw new CodedError('validation-failed', '/expiresAt lies in the past');
  }
}
