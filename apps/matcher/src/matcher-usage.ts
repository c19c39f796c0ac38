import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { Planning } from './planning.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class MatcherUsage {
  constructor(planning: Planning, usage: Usage) {
    usage.measure({
      'facts at hand': () => planning.facts.bytes,
      'ended runs': () => planning.endedRuns,
      'facts that wait for a run': () => planning.pendingCount,
      'plans in line': () => planning.plansInLine,
    });
  }
}
