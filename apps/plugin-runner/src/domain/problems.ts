import { CodedError, type FieldError } from '@signalbox/contracts';
import { RESULT_LIMITS } from './result-limits.js';
import { shorten } from './short-text.js';

/** Gathers everything that is wrong with one plugin result, so that its author sees it at once. */
export class Problems {
  private readonly kept: FieldError[] = [];
  private total = 0;

  /** `pointer`: JSON Pointer into the result; only the first {@link RESULT_LIMITS}.errors are kept. */
  add(pointer: string, message: string): void {
    this.total += 1;
    if (this.kept.length < RESULT_LIMITS.errors)
      this.kept.push({ pointer: shorten(pointer), message: shorten(message) });
  }

  /** Throws `plugin-output-invalid` with all kept errors when there is one. */
  throwIfAny(): void {
    const [first] = this.kept;
    if (first === undefined) return;
    const more = this.total > 1 ? ` (and ${this.total - 1} more)` : '';
    throw new CodedError(
      'plugin-output-invalid',
      `the plugin result is not valid: ${first.pointer || '/'} ${first.message}${more}`,
      this.kept,
    );
  }
}
