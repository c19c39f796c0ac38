import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type Alarm,
  CodedError,
  type EventSubscriptionSpec,
  FEDERATION_API,
  PLUGIN_API,
  type PluginSpec,
  SUBJECTS,
} from '@signalbox/contracts';
import type { Page } from '../domain/cursor.js';
import { pageByName } from '../domain/page-by-name.js';
import { OperatorResources } from '../operator-resources.js';
import { countBy } from './groups.reader.js';
import { RunCounts } from './run-counts.js';
import type { NamedQuery, PluginDto } from './standings.dto.js';

/** How long plugin-runner may take to answer. Milliseconds. */
const ASK_MS = 1000;

interface Declared {
  readonly name: string;
  readonly spec: PluginSpec;
}

/** Reads of the declared plugins: whether they can be run, and what they run. */
@Injectable()
export class PluginsReader {
  constructor(
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
    private readonly counts: RunCounts,
  ) {}

  async list(query: NamedQuery): Promise<Page<PluginDto>> {
    const { items, ...rest } = pageByName(this.declared(), query);
    return { items: await this.withRuns(items), ...rest };
  }

  /** Throws `not-found`. */
  async get(name: string): Promise<PluginDto> {
    const [plugin] = await this.withRuns(this.declared().filter((one) => one.name === name));
    if (plugin) return plugin;
    throw new CodedError('not-found', `there is no Plugin ${name}: GET /v1/plugins lists what there is`);
  }

  private declared(): Declared[] {
    return this.resources
      .all(PLUGIN_API, 'Plugin')
      .map(({ metadata, spec }) => ({ name: metadata.name, spec: spec as unknown as PluginSpec }));
  }

  private async withRuns(declared: readonly Declared[]): Promise<PluginDto[]> {
    const runsOf = await this.counts.of(
      'plugin',
      declared.map(({ name }) => name),
    );
    const unusable = declared.length === 0 ? undefined : await this.unusable();
    const subscriptions = countBy(
      this.resources.all(FEDERATION_API, 'EventSubscription'),
      ({ spec }) => (spec as unknown as EventSubscriptionSpec).trigger.pluginRef,
    );
    return declared.map(({ name, spec }) => {
      const fault = unusable?.find((alarm) => alarm.name === name);
      return {
        ...{ name, mode: spec.mode ?? 'oneshot' },
        ...(spec.executable !== undefined && { executable: spec.executable }),
        ...(spec.sha256 !== undefined && { sha256: spec.sha256 }),
        capabilities: spec.capabilities ?? [],
        suspended: spec.suspend === true,
        ...(unusable && { usable: fault === undefined }),
        ...(fault && { reason: fault.reason ?? fault.kind, message: fault.text }),
        subscriptions: subscriptions.get(name) ?? 0,
        ...runsOf(name),
      };
    });
  }

  /** Those that plugin-runner found not to be fit when it looked last; undefined when it does not answer. */
  private async unusable(): Promise<readonly Alarm[] | undefined> {
    try {
      const subject = SUBJECTS.ask('plugin-runner', 'alarms');
      const answer = await this.bus.ask<{ alarms: Alarm[] }>(subject, {}, ASK_MS);
      return answer?.alarms.filter(({ kind }) => kind === 'plugin-unusable');
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }
}
