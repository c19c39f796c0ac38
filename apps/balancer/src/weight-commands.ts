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
import { Weighing } from './weighing.js';
import { WeightOverrides } from './weight-overrides.js';

/** A command whose turn has not come. */
interface Waiting {
  readonly request: WeightRequest;
  readonly resolve: (answer: CommandAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Weights of members as operators set them. Commands that wait for their turn have it together: those of one frontend one after
 * the other, and it is decided once after the last; frontends beside each other.
 */
@Injectable()
export class WeightCommands {
  /** By frontend, in the order in which they came. */
  private waiting = new Map<string, Waiting[]>();

  constructor(
    private readonly inputs: FrontendInputs,
    private readonly frontends: FrontendBook,
    private readonly overrides: WeightOverrides,
    private readonly weighing: Weighing,
    private readonly clock: Clock,
  ) {}

  /**
   * Sets a weight or gives it back to the config; names the last record that followed, if any did. Throws `not-ready`,
   * `not-found`, `validation-failed`.
   */
  set(request: WeightRequest): Promise<CommandAnswer> {
    return new Promise((resolve, reject) => {
      const isFirst = this.waiting.size === 0;
      const own = this.waiting.get(request.frontend) ?? [];
      own.push({ request, resolve, reject });
      this.waiting.set(request.frontend, own);
      if (isFirst) this.inputs.turn(() => this.takeAll()).catch((error: unknown) => this.refuseAll(error));
    });
  }

  private async takeAll(): Promise<void> {
    const taken = this.waiting;
    this.waiting = new Map();
    await Promise.all(Array.from(taken, ([frontend, commands]) => this.take(frontend, commands)));
  }

  private refuseAll(error: unknown): void {
    const commands = [...this.waiting.values()].flat();
    this.waiting = new Map();
    for (const { reject } of commands) reject(error);
  }

  private async take(frontend: string, commands: readonly Waiting[]): Promise<void> {
    const stored: Waiting[] = [];
    for (const command of commands)
      try {
        await this.store(command.request);
        stored.push(command);
      } catch (error) {
        command.reject(error);
      }
    if (stored.length === 0) return;
    try {
      const seq = await this.weighing.decide([frontend]);
      for (const { resolve } of stored) resolve(seq === undefined ? {} : { seq });
    } catch (error) {
      for (const { reject } of stored) reject(error);
    }
  }

  private async store(request: WeightRequest): Promise<void> {
    const { frontend, pool, backend, weight, author, from, reason, expiresAt } = request;
    this.refuseUnknown(request);
    const at = formatTime(this.clock.now());
    const place = { frontend, pool, backend, author, ...(from && { from }), at };
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
