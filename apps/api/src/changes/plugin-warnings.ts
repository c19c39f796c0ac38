import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  PLUGIN_API,
  refOf,
  type Resource,
  type ResourceRef,
  SUBJECTS,
} from '@signalbox/contracts';

/** How long the plugins of one apply may be looked at. Milliseconds. */
const ASK_MS = 2000;

type Fault = Pick<PluginWarning, 'pointer' | 'reason' | 'message'>;

/** Something about an applied resource that does not keep it from being applied. */
export interface PluginWarning extends ResourceRef {
  /** JSON Pointer into the resource. */
  readonly pointer: string;
  /** An error code. */
  readonly reason: string;
  readonly message: string;
}

/** Asks `plugin-runner`, which sees the files, whether plugins that were applied could be run as they stand. */
@Injectable()
export class PluginWarnings {
  constructor(private readonly bus: Bus) {}

  /** In the order of the resources; resources of other kinds have none. Answers within {@link ASK_MS}. */
  async of(applied: readonly Resource[]): Promise<PluginWarning[]> {
    const plugins = applied.filter(({ apiVersion, kind }) => apiVersion === PLUGIN_API && kind === 'Plugin');
    const warnings = plugins.map(async (plugin) => {
      const faults = await this.ask(plugin.spec);
      return faults.map((fault) => ({ ...refOf(plugin), ...fault }));
    });
    return (await Promise.all(warnings)).flat();
  }

  private async ask(spec: Resource['spec']): Promise<readonly Fault[]> {
    try {
      const subject = SUBJECTS.ask('plugin-runner', 'check-plugin');
      const answer = await this.bus.ask<{ faults: Fault[] }>(subject, { spec }, ASK_MS);
      if (answer) return answer.faults;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
    }
    const message = 'was not checked: plugin-runner does not answer; see whether it runs and is ready';
    return [{ pointer: '/spec/executable', reason: 'not-ready', message }];
  }
}
