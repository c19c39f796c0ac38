import { RE2JS } from 're2js';
import { PROBE_LIMITS } from './limits.js';

/**
 * Compiled expressions of probes. RE2: the time of a match is linear in the length of the body, whatever the
 * expression. The one used longest ago goes when there are too many.
 */
export class BodyPatterns {
  private readonly compiled = new Map<string, RE2JS>();

  constructor(private readonly limit: number = PROBE_LIMITS.patterns) {}

  get size(): number {
    return this.compiled.size;
  }

  /** Whether the expression matches anywhere. Throws when it is none. */
  matches(pattern: string, text: string): boolean {
    return this.compile(pattern).test(text);
  }

  compile(pattern: string): RE2JS {
    const compiled = this.compiled.get(pattern) ?? RE2JS.compile(pattern);
    this.compiled.delete(pattern);
    this.compiled.set(pattern, compiled);
    if (this.compiled.size > this.limit) {
      const [oldest = ''] = this.compiled.keys();
      this.compiled.delete(oldest);
    }
    return compiled;
  }
}
