import { CodedError, type ErrorBody } from '@signalbox/contracts';
import type { ConfigFile } from './config-file.js';
import { configText, type ConfigSettings, sectionOf } from './config-text.js';
import type { Expiry } from './expiry.js';
import type { PlacedListener } from './placed-listener.js';

/**
 * Listeners that HAProxy does not take, with what it says of them: a regular expression of another dialect, for one. It takes a file
 * as a whole or not at all, so they are kept out of it.
 */
export class UntakenListeners {
  /** By what only a reload changes: with that, a listener is not taken whatever its weights. */
  private readonly reasons = new Map<string, ErrorBody>();

  constructor(private readonly file: ConfigFile) {}

  /** Those of these that are known not to be taken, by name; what is known of any others is forgotten. */
  among(listeners: readonly PlacedListener[], settings: ConfigSettings): ReadonlyMap<string, ErrorBody> {
    if (this.reasons.size === 0) return new Map();
    const found = new Map<string, ErrorBody>();
    const shapes = new Set<string>();
    for (const listener of listeners) {
      const { shape } = sectionOf(listener, settings);
      const reason = this.reasons.get(shape);
      if (reason) found.set(listener.name, reason);
      shapes.add(shape);
    }
    for (const shape of this.reasons.keys()) if (!shapes.has(shape)) this.reasons.delete(shape);
    return found;
  }

  /** Tries each of these alone, but for those that HAProxy serves already; says whether one of them is not taken. */
  async find(
    listeners: readonly PlacedListener[],
    standing: readonly PlacedListener[],
    settings: ConfigSettings,
    expiry: Expiry,
  ): Promise<boolean> {
    const served = new Set(standing.map((listener) => sectionOf(listener, settings).shape));
    let isFound = false;
    for (const listener of listeners) {
      const { shape } = sectionOf(listener, settings);
      if (served.has(shape)) continue;
      const said = await this.tried(listener, settings, expiry);
      if (said === undefined) continue;
      isFound = true;
      this.reasons.set(shape, {
        code: 'data-plane-refused',
        message: `driver haproxy cannot serve listener ${listener.name}: ${said}`,
      });
    }
    return isFound;
  }

  private async tried(
    listener: PlacedListener,
    settings: ConfigSettings,
    expiry: Expiry,
  ): Promise<string | undefined> {
    try {
      await this.file.check(configText([listener], settings).text, expiry);
      return undefined;
    } catch (error) {
      if (isRefusal(error)) return error.message;
      throw error;
    }
  }
}

/** Whether HAProxy was asked and does not take it. */
export function isRefusal(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'data-plane-refused';
}
