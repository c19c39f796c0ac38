import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { Receivers } from './receiver/receivers.js';
import { SiteIntake } from './site-intake.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class IngestUsage {
  constructor(intake: SiteIntake, receivers: Receivers, usage: Usage) {
    usage.measure({
      'facts in line': () => intake.mostWaiting,
      'facts ahead of their table': () => intake.remembered,
      'signatures of peers': () => receivers.mostRemembered,
      'clocks of senders': () => receivers.mostSenders,
    });
  }
}
