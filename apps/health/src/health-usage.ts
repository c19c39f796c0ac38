import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { Checker } from './checker.js';
import { Probing } from './probing.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class HealthUsage {
  constructor(checker: Checker, probing: Probing, usage: Usage) {
    usage.measure({
      'backends in work': () => checker.backends.size,
      'probes in line': () => probing.inLine,
    });
  }
}
