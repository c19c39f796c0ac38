import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { Rendering } from './rendering.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class RendererUsage {
  constructor(rendering: Rendering, usage: Usage) {
    usage.measure({
      'live parts': () => rendering.sizes().liveParts,
      'sources of parts': () => rendering.sizes().sources,
    });
  }
}
