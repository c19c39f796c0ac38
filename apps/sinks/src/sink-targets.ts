import { Inject, Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, type ConfigSinkSpec, SINK_DEFAULTS } from '@signalbox/contracts';
import { Clock, readPasswd, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { chooseCommandUser } from './file/command-user.js';
import { FileTarget, type FileTools } from './file/file-target.js';
import { SinkMetrics } from './sink-metrics.js';
import type { SinkTarget } from './sink-target.js';
import { KvTarget } from './targets/kv-target.js';
import { WebhookTarget } from './targets/webhook-target.js';

/** The targets of sinks, by the member of the spec that describes them. */
@Injectable()
export class SinkTargets {
  private readonly fileTools: FileTools;

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    metrics: SinkMetrics,
    @Inject(SITE_CONFIG) { stateDir, sinks, searchPath }: SiteConfig,
  ) {
    const onCommand = (command: string, seconds: number): void => metrics.noteCommand(command, seconds);
    const world = { ourUid: process.getuid?.(), passwd: readPasswd() };
    const commandUser = chooseCommandUser(sinks.commandUser, world);
    this.fileTools = {
      ...{ stateDir, settings: sinks, searchPath, clock, onCommand },
      ...(commandUser && { commandUser }),
    };
  }

  /** The target of a sink, by the name of the sink. Throws a CodedError when there cannot be such a one. */
  targetOf(sink: string, spec: ConfigSinkSpec): SinkTarget {
    const { file, natsKv, webhook, onDrift = SINK_DEFAULTS.onDrift } = spec;
    if (file) return new FileTarget(sink, file, this.fileTools);
    if (natsKv)
      return new KvTarget(this.bus, this.clock, {
        sink,
        spec: natsKv,
        overwrites: onDrift === 'overwrite',
      });
    if (webhook) return new WebhookTarget(this.clock, { sink, spec: { ...spec, webhook } });
    throw new CodedError('validation-failed', `the sink ${sink} has no target`);
  }
}
