import { Injectable } from '@nestjs/common';
import { CodedError, type ConfigSinkSpec, type SinkTargetWay, targetWayOf } from '@signalbox/contracts';
import type { SinkTarget } from './sink-target.js';

/** Makes the target of one sink. Throws {@link CodedError} when its spec names what there cannot be. */
export type TargetMaker = (sink: string, spec: ConfigSinkSpec) => SinkTarget;

/** The targets of sinks, by the member of the spec that describes them. */
@Injectable()
export class SinkTargets {
  private readonly makers: Partial<Readonly<Record<SinkTargetWay, TargetMaker>>> = {};

  /** The target of a sink, by the name of the sink. */
  targetOf(sink: string, spec: ConfigSinkSpec): SinkTarget {
    const way = targetWayOf(spec);
    const make = this.makers[way];
    if (!make) throw new CodedError('internal', `there is no target ${way} in this version`);
    return make(sink, spec);
  }
}
