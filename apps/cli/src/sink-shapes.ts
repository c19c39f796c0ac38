import type { SinkContent, SinkFailure, SinkRendering, SinkState, SinkTargetWay } from '@signalbox/contracts';

/** What was tried of a sink, as `GET /v1/sinks/{name}/applies` tells of it. */
export interface SinkApply {
  readonly version: number;
  readonly at: string;
  readonly outcome: 'applied' | 'failed';
  readonly generation: number;
  readonly content?: SinkContent;
  readonly failure?: SinkFailure;
}

/** A sink as `GET /v1/sinks` tells of it. */
export interface SinkItem {
  readonly name: string;
  readonly description?: string;
  readonly target: SinkTargetWay;
  readonly place: string;
  readonly revision: number;
  readonly state?: SinkState;
  readonly at?: string;
  readonly reason?: string;
  readonly content?: SinkContent;
  readonly behind?: number;
  readonly failure?: SinkFailure;
  readonly paused?: { readonly author: string; readonly reason: string; readonly at: string };
}

/** One sink with what was applied last. */
export interface SinkDetail extends SinkItem {
  readonly applies?: readonly SinkApply[];
}

/** What a sink would write now. */
export type SinkRenderingItem = SinkRendering;
