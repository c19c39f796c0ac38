import type { Abstract, Provider } from '@nestjs/common';
import type { Log } from './log.js';
import type { SiteConfig } from './site-config.js';

/** What runs before the connections of its process are there, and ends after they are closed. */
export interface EarlyWork {
  stop(): Promise<void>;
}

/** The part of a service that needs neither NATS nor Postgres, and works while they are away. */
export interface EarlyPart {
  /** What the service's module gets it as. */
  readonly type: Abstract<EarlyWork>;
  start(config: SiteConfig, log: Log): Promise<EarlyWork>;
}

/**
 * How long NATS may take before early parts begin without it: as long as it answers, it says first whether the service
 * runs already, and two must not work on the same thing. Milliseconds.
 */
const NATS_MS = 1000;

/** The early parts of a process. */
export class EarlyParts {
  private constructor(private readonly running: readonly { readonly part: EarlyPart; work: EarlyWork }[]) {}

  /**
   * Starts them as soon as `alone` resolves, which says that no other instance runs, or does not for a second.
   *
   * @throws what `alone` rejects with before that, and what a start throws; then none of them runs
   */
  static async start(
    parts: readonly EarlyPart[],
    alone: Promise<unknown>,
    config: SiteConfig,
    log: Log,
  ): Promise<EarlyParts> {
    if (parts.length > 0) await unlessLate(alone);
    const running: { part: EarlyPart; work: EarlyWork }[] = [];
    const started = new EarlyParts(running);
    try {
      for (const part of parts) running.push({ part, work: await part.start(config, log) });
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  get providers(): Provider[] {
    return this.running.map(({ part, work }) => ({ provide: part.type, useValue: work }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map(({ work }) => work.stop()));
  }
}

async function unlessLate(alone: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, NATS_MS)));
  try {
    await Promise.race([alone, late]);
  } finally {
    clearTimeout(timer);
  }
}
