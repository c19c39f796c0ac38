import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { Weighing } from './weighing.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class BalancerUsage {
  constructor(weighing: Weighing, usage: Usage) {
    usage.measure({
      'frontends in work': () => weighing.size,
    });
  }
}
