import { Inject, Injectable } from '@nestjs/common';
import { type Alarm, errorBody, formatTime, PLUGIN_API, type PluginSpec } from '@signalbox/contracts';
import { Clock, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { openTrustedPlugin } from './execution/plugin-file.js';

/** Why a plugin could not be run now. `pointer`: the field of the Plugin that it is about. */
export interface PluginFault {
  readonly pointer: string;
  /** An error code. */
  readonly reason: string;
  readonly message: string;
}

/** Asks of plugins what is asked before each of their runs, and remembers which could not be run. */
@Injectable()
export class PluginChecks {
  private readonly faults = new Map<string, PluginFault & { readonly sinceMs: number }>();

  constructor(
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
    private readonly clock: Clock,
  ) {}

  /** Undefined when its file can be run as it stands. */
  async check(spec: PluginSpec): Promise<PluginFault | undefined> {
    try {
      await openTrustedPlugin(spec, this.config.pluginDirs);
      return undefined;
    } catch (error) {
      const { code: reason, message } = errorBody(error);
      return { pointer: '/spec/executable', reason, message };
    }
  }

  /** Looks at all declared plugins anew. */
  async follow(declared: ReadonlyMap<string, PluginSpec>): Promise<void> {
    for (const name of this.faults.keys()) if (!declared.has(name)) this.faults.delete(name);
    await Promise.all(
      [...declared].map(async ([name, spec]) => {
        const fault = await this.check(spec);
        const sinceMs = this.faults.get(name)?.sinceMs ?? this.clock.now();
        if (fault) this.faults.set(name, { ...fault, sinceMs });
        else this.faults.delete(name);
      }),
    );
  }

  /** One alarm per plugin that could not be run when it was looked at last, by name. */
  alarms(): Alarm[] {
    return [...this.faults]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { reason, message, sinceMs }]) => ({
        kind: 'plugin-unusable',
        name,
        reason,
        resources: [{ apiVersion: PLUGIN_API, kind: 'Plugin', name }],
        since: formatTime(sinceMs),
        text: `plugin ${name} cannot be run: ${message}`,
      }));
  }
}
