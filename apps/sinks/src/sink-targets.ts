import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, type ConfigSinkSpec, SINK_DEFAULTS, targetWayOf } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { SinkTarget } from './sink-target.js';
import { KvTarget } from './targets/kv-target.js';
import { WebhookTarget } from './targets/webhook-target.js';

/** The targets of sinks, by the member of the spec that describes them. */
@Injectable()
export class SinkTargets {
  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** The target of a sink, by the name of the sink. Throws {@link CodedError} when its spec names what there cannot be. */
  targetOf(sink: string, spec: ConfigSinkSpec): SinkTarget {
    const { natsKv, webhook, onDrift = SINK_DEFAULTS.onDrift } = spec;
    if (natsKv)
      return new KvTarget(this.bus, this.clock, {
        sink,
        spec: natsKv,
        overwrites: onDrift === 'overwrite',
      });
    if (webhook) return new WebhookTarget(this.clock, { sink, spec: { ...spec, webhook } });
    throw new CodedError('internal', `there is no target ${targetWayOf(spec)} in this version`);
  }
}
