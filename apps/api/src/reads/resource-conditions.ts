import { Injectable } from '@nestjs/common';
import { type Alarm, type Condition, effectGaps, refOf, type Resource } from '@signalbox/contracts';
import { AlarmsReader } from '../balance/alarms.reader.js';
import { alarmConditions } from './alarm-conditions.js';

/** What the site says about resources: worked out anew with every answer, never stored with them. */
@Injectable()
export class ResourceConditions {
  constructor(private readonly alarms: AlarmsReader) {}

  /** The conditions of each of many resources, in their order: what has no effect, then what the services report. */
  async ofAll(resources: readonly Resource[]): Promise<readonly (readonly Condition[])[]> {
    const alarms = resources.length === 0 ? [] : (await this.alarms.survey()).filter(isAboutResources);
    return resources.map((resource) => [
      ...effectGaps(resource),
      ...alarmConditions(alarms, refOf(resource)),
    ]);
  }
}

function isAboutResources({ resources = [] }: Alarm): boolean {
  return resources.length > 0;
}
