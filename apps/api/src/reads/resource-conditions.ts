import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type Alarm,
  CodedError,
  type Condition,
  ownConditions,
  PLUGIN_API,
  refOf,
  type Resource,
  SUBJECTS,
} from '@signalbox/contracts';
import { AlarmsReader } from '../balance/alarms.reader.js';
import { alarmConditions } from './alarm-conditions.js';

/** How long `plugin-runner` may take to tell how it contains plugins. Milliseconds. */
const ASK_MS = 1000;

/** Of each plugin, by name. */
type Containments = Readonly<Record<string, Condition>>;

/** What the site says about resources: worked out anew with every answer, never stored with them. */
@Injectable()
export class ResourceConditions {
  constructor(
    private readonly alarms: AlarmsReader,
    private readonly bus: Bus,
  ) {}

  /** The conditions of each of many resources, in their order: what has no effect, then what the services report. */
  async ofAll(resources: readonly Resource[]): Promise<readonly (readonly Condition[])[]> {
    const alarms = resources.length === 0 ? [] : (await this.alarms.survey()).filter(isAboutResources);
    const containments = resources.some(isPlugin) ? await this.containments() : {};
    return resources.map((resource) => [
      ...ownConditions(resource),
      ...alarmConditions(alarms, refOf(resource)),
      ...(isPlugin(resource) ? [containments[resource.metadata.name] ?? []].flat() : []),
    ]);
  }

  /** None while `plugin-runner` does not answer, which is an alarm of its own. */
  private async containments(): Promise<Containments> {
    try {
      const subject = SUBJECTS.ask('plugin-runner', 'containment');
      const answer = await this.bus.ask<{ plugins: Containments }>(subject, {}, ASK_MS);
      return answer?.plugins ?? {};
    } catch (error) {
      if (error instanceof CodedError) return {};
      throw error;
    }
  }
}

function isPlugin({ apiVersion, kind }: Resource): boolean {
  return apiVersion === PLUGIN_API && kind === 'Plugin';
}

function isAboutResources({ resources = [] }: Alarm): boolean {
  return resources.length > 0;
}
