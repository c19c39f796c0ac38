import type { SourceStatus, SourceWay } from '@signalbox/contracts';
import type { Origin } from './balance-shapes.js';

/** A BackendSource as `GET /v1/backendsources` tells of it. */
export interface BackendSourceItem extends Partial<Omit<SourceStatus, 'source'>> {
  readonly name: string;
  readonly project?: string;
  readonly description?: string;
  readonly way: SourceWay;
  readonly pool?: string;
  readonly part?: {
    readonly source: string;
    readonly generation: number;
    readonly state: 'active' | 'quarantined';
    readonly reason?: string;
    readonly at: string;
  };
  readonly origin?: Origin;
}
