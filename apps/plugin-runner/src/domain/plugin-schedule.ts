import {
  configSourceOwner,
  type DynamicConfigSourceSpec,
  intervalOf,
  pluginOwner,
  type PluginSpec,
  type Resource,
} from '@signalbox/contracts';

/** A resource and the journal revision that put it. */
export interface RevisedResource {
  readonly resource: Resource;
  readonly revision: number;
}

/** A plugin that the clock starts. */
export interface ScheduledPlugin {
  /** Who its part belongs to: one part each. */
  readonly owner: string;
  readonly plugin: string;
  readonly configSource?: string;
  /** max(revision of the plugin, of the DynamicConfigSource). */
  readonly revision: number;
  /** Milliseconds, at least 1,000. */
  readonly everyMs: number;
}

/** Everything that the clock starts: plugins with an interval, and plugins that a DynamicConfigSource with one binds; none that is suspended. */
export function scheduledPlugins(
  plugins: readonly RevisedResource[],
  sources: readonly RevisedResource[],
): ScheduledPlugin[] {
  const declared = new Map(plugins.map((plugin) => [plugin.resource.metadata.name, plugin]));
  const own = plugins.flatMap(({ resource, revision }) => {
    const everyMs = intervalOf((resource.spec as unknown as PluginSpec).triggers);
    const { name: plugin } = resource.metadata;
    return everyMs === undefined || isSuspended({ resource, revision })
      ? []
      : [{ owner: pluginOwner(plugin), plugin, revision, everyMs }];
  });
  const bound = sources.flatMap(({ resource, revision }) => {
    const { pluginRef, triggers } = resource.spec as unknown as DynamicConfigSourceSpec;
    const everyMs = intervalOf(triggers);
    const plugin = declared.get(pluginRef);
    if (everyMs === undefined || !plugin || isSuspended(plugin)) return [];
    const { name: configSource } = resource.metadata;
    return [
      {
        owner: configSourceOwner(configSource),
        plugin: pluginRef,
        configSource,
        revision: Math.max(revision, plugin.revision),
        everyMs,
      },
    ];
  });
  return [...own, ...bound];
}

function isSuspended({ resource }: RevisedResource): boolean {
  return (resource.spec as unknown as PluginSpec).suspend === true;
}

/** A run that was planned for an owner. */
export interface PlannedOnce {
  readonly atMs: number;
  readonly revision: number;
}

/**
 * When the clock starts which plugin: so long after its last run was planned as its interval says, at once when it has had none
 * or was declared anew since, and never while a run of the same owner is in work. What was missed is not made up for.
 */
export class PluginSchedule {
  private readonly plugins = new Map<string, ScheduledPlugin>();
  private readonly last = new Map<string, PlannedOnce>();

  /** What is declared now takes the place of what was. */
  follow(plugins: readonly ScheduledPlugin[]): void {
    this.plugins.clear();
    for (const plugin of plugins) this.plugins.set(plugin.owner, plugin);
  }

  /** A run was planned, also by hand, or before the last stop; an older one changes nothing. */
  planned(owner: string, run: PlannedOnce): void {
    const known = this.last.get(owner);
    if (known === undefined || known.atMs <= run.atMs) this.last.set(owner, run);
  }

  /** What is to run now, by owner; `isBusy`: whether a run of an owner is in work. */
  due(nowMs: number, isBusy: (owner: string) => boolean): ScheduledPlugin[] {
    const due = [...this.plugins.values()].filter(
      (plugin) => this.dueMs(plugin) <= nowMs && !isBusy(plugin.owner),
    );
    return due.sort((a, b) => (a.owner < b.owner ? -1 : 1));
  }

  /** When the next one is due that is not in work; undefined when none is. Milliseconds since 1970. */
  nextDueMs(isBusy: (owner: string) => boolean): number | undefined {
    const waiting = [...this.plugins.values()].filter(({ owner }) => !isBusy(owner));
    return waiting.length === 0 ? undefined : Math.min(...waiting.map((plugin) => this.dueMs(plugin)));
  }

  private dueMs({ owner, revision, everyMs }: ScheduledPlugin): number {
    const last = this.last.get(owner);
    return last === undefined || last.revision < revision ? -Infinity : last.atMs + everyMs;
  }
}
