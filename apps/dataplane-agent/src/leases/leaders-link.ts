import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { DataPlane } from '../data-plane.js';

/** Lets the leases of a node, which began before NATS, know of it. */
@Injectable()
export class LeadersLink implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly bus: Bus,
    private readonly plane: DataPlane,
  ) {}

  onApplicationBootstrap(): void {
    this.plane.leaders.attach(this.bus);
  }

  onApplicationShutdown(): Promise<void> {
    return this.plane.leaders.stop();
  }
}
