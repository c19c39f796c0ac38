import { Injectable } from '@nestjs/common';
import { SERVICES } from '@signalbox/contracts';
import { Health } from '@signalbox/runtime';
import type { ServiceFacts } from '../domain/doctor/machinery-checks.js';
import type { SiteFacts } from '../domain/doctor/report.js';
import { StorageReader } from '../storage/storage.reader.js';
import { KeyFactsReader } from './key-facts.reader.js';
import { ReaderFactsReader } from './reader-facts.reader.js';

type InTime = <T>(looked: Promise<T>) => Promise<T | undefined>;

/** What doctor has to know of services, keys, and who reads the streams. */
@Injectable()
export class MachineryFacts {
  constructor(
    private readonly health: Health,
    private readonly storage: StorageReader,
    private readonly keys: KeyFactsReader,
    private readonly readers: ReaderFactsReader,
  ) {}

  async read(
    inTime: InTime,
  ): Promise<Pick<SiteFacts, 'services' | 'keys' | 'projections' | 'consumers' | 'deadLetters'>> {
    const [survey, keys, projections, consumers, deadLetters] = await Promise.all([
      inTime(this.storage.survey()),
      inTime(this.keys.read()),
      inTime(this.readers.projections()),
      inTime(this.readers.consumers()),
      inTime(this.readers.deadLetters()),
    ]);
    const services = this.services(survey?.away ?? []);
    return { services, keys: keys ?? [], projections, consumers, deadLetters };
  }

  /** Services by whether they answer; parts of this process by what they say of themselves. */
  private services(away: readonly string[]): ServiceFacts[] {
    const parts = this.health.report().filter(({ ready }) => !ready);
    return [
      ...SERVICES.map((name) => ({ name, ...(away.includes(name) && { trouble: 'does not answer' }) })),
      ...parts.map(({ name, reason = 'not ready' }) => ({ name: `api: ${name}`, trouble: reason })),
    ];
  }
}
