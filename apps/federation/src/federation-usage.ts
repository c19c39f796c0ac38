import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { PeerLanes } from './peer-lanes.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class FederationUsage {
  constructor(lanes: PeerLanes, usage: Usage) {
    usage.measure({
      'recent deliveries': () => lanes.mostRecent,
      'deliveries in work': () => lanes.mostInWork,
    });
  }
}
