import { Inject, Injectable } from '@nestjs/common';
import { Bus, streamInfo } from '@signalbox/bus';
import { factsStream } from '@signalbox/contracts';
import { Health, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { AlarmsReader } from '../balance/alarms.reader.js';
import { type Group, OperatorResources } from '../operator-resources.js';
import { EffectiveConfigReader } from './effective-config.reader.js';
import type { GroupStatusDto, StatusDto } from './status.dto.js';

/** How many alarms the status names. */
const FIRST_ALARMS = 5;

/** Reads the state of the site as this process sees it. */
@Injectable()
export class StatusReader {
  constructor(
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
    private readonly effectiveConfig: EffectiveConfigReader,
    private readonly health: Health,
    private readonly alarms: AlarmsReader,
  ) {}

  async status(): Promise<StatusDto> {
    const groups = this.resources.groups();
    const alarms = await this.alarms.survey();
    const first = groups.find(({ name }) => name === 'default');
    return {
      node: first?.spec.nodeName ?? this.config.nodeName,
      groups: await Promise.all(groups.map((group) => this.groupStatus(group))),
      revision: this.resources.revision,
      generation: await this.effectiveConfig.newestGeneration(),
      ready: this.health.isReady,
      parts: this.health.report(),
      alarms: { count: alarms.length, first: alarms.slice(0, FIRST_ALARMS) },
    };
  }

  private async groupStatus({ name, spec }: Group): Promise<GroupStatusDto> {
    const info = await streamInfo(this.bus.manager, factsStream(name));
    const { messages = 0, bytes = 0, last_seq: lastSeq = 0 } = info?.state ?? {};
    return { name, nodeName: spec.nodeName, stream: { messages, bytes, lastSeq } };
  }
}
