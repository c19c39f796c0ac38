import {
  configSourceOwner,
  type DynamicConfigSourceSpec,
  factTopicsOf,
  intervalOf,
  pluginOwner,
  type PluginSpec,
  type Resource,
  type RunTrigger,
} from '@signalbox/contracts';

/** A resource and the journal revision that put it. */
export interface RevisedResource {
  readonly resource: Resource;
  readonly revision: number;
}

/** A plugin that the clock or facts of a topic start. */
export interface ScheduledPlugin {
  /** Who its part belongs to: one part each. */
  readonly owner: string;
  readonly plugin: string;
  readonly configSource?: string;
  /** max(revision of the plugin, of the DynamicConfigSource). */
  readonly revision: number;
  /** Milliseconds, at least 1,000; absent: the clock does not start it. */
  readonly everyMs?: number;
  /** Topics whose facts start it, each once. */
  readonly topics: readonly string[];
}

/** Least pause between two runs of one owner that facts start: what comes meanwhile leads to one. Milliseconds. */
const LEAST_PAUSE_MS = 1000;

/**
 * Everything that has triggers: plugins with some, and plugins that a DynamicConfigSource with some binds; none that is suspended, and
 * none whose triggers start nothing.
 */
export function scheduledPlugins(
  plugins: readonly RevisedResource[],
  sources: readonly RevisedResource[],
): ScheduledPlugin[] {
  const declared = new Map(plugins.map((plugin) => [plugin.resource.metadata.name, plugin]));
  const own = plugins.flatMap((declaration) => {
    const { resource, revision } = declaration;
    const { name: plugin } = resource.metadata;
    if (isSuspended(declaration)) return [];
    return [{ owner: pluginOwner(plugin), plugin, revision, ...startedBy(resource) }];
  });
  const bound = sources.flatMap(({ resource, revision }) => {
    const { pluginRef } = resource.spec as unknown as DynamicConfigSourceSpec;
    const plugin = declared.get(pluginRef);
    if (!plugin || isSuspended(plugin)) return [];
    const { name: configSource } = resource.metadata;
    return [
      {
        owner: configSourceOwner(configSource),
        plugin: pluginRef,
        configSource,
        revision: Math.max(revision, plugin.revision),
        ...startedBy(resource),
      },
    ];
  });
  return [...own, ...bound].filter(({ everyMs, topics }) => everyMs !== undefined || topics.length > 0);
}

function startedBy({ spec }: Resource): Pick<ScheduledPlugin, 'everyMs' | 'topics'> {
  const { triggers } = spec as unknown as PluginSpec | DynamicConfigSourceSpec;
  const everyMs = intervalOf(triggers);
  return { ...(everyMs !== undefined && { everyMs }), topics: factTopicsOf(triggers) };
}

function isSuspended({ resource }: RevisedResource): boolean {
  return (resource.spec as unknown as PluginSpec).suspend === true;
}

/** A run that was planned for an owner. */
export interface PlannedOnce {
  readonly atMs: number;
  readonly revision: number;
  /** Whose facts it was for, and the newest of them. */
  readonly trigger?: Pick<RunTrigger, 'topic' | 'seq'>;
}

/** A run that is to be planned, and why. */
export interface DueRun {
  readonly plugin: ScheduledPlugin;
  readonly trigger: { readonly type: 'interval' } | TopicTrigger;
}

interface TopicTrigger {
  readonly type: 'event';
  readonly topic: string;
  /** Of the newest fact of the topic. */
  readonly seq: number;
}

/** What was planned for an owner because of one topic. */
interface Nudge {
  readonly seq: number;
  readonly atMs: number;
}

/**
 * When a plugin is started that no subscription starts; never while a run of the same owner is in work.
 *
 * By the clock: so long after its last run was planned as its interval says, at once when it has had none or was declared anew since. What
 * was missed is not made up for.
 *
 * By facts: when a topic has a newer one than the last run for it was planned with, {@link LEAST_PAUSE_MS} after the last run at the
 * earliest. So facts that come while one is in work lead to one more, and a topic that has facts already when it is declared leads to one at
 * once. Of several topics the one that has waited longest comes first.
 */
export class PluginSchedule {
  private readonly plugins = new Map<string, ScheduledPlugin>();
  private readonly last = new Map<string, PlannedOnce>();
  /** Newest fact of each topic: its sequence. */
  private readonly newest = new Map<string, number>();
  /** By owner and topic. */
  private readonly nudges = new Map<string, Nudge>();

  /** What is declared now takes the place of what was. */
  follow(plugins: readonly ScheduledPlugin[]): void {
    this.plugins.clear();
    for (const plugin of plugins) this.plugins.set(plugin.owner, plugin);
  }

  /** The topics of everything that is declared, each once. */
  get topics(): readonly string[] {
    return [...new Set([...this.plugins.values()].flatMap(({ topics }) => topics))];
  }

  /** A run was planned, also by hand, or before the last stop; an older one changes nothing. */
  planned(owner: string, run: PlannedOnce): void {
    const known = this.last.get(owner);
    if (known === undefined || known.atMs <= run.atMs) this.last.set(owner, run);
    const { topic, seq } = run.trigger ?? {};
    if (topic === undefined || seq === undefined) return;
    const key = nudgeKey(owner, topic);
    const nudge = this.nudges.get(key);
    if (nudge === undefined || nudge.seq < seq) this.nudges.set(key, { seq, atMs: run.atMs });
  }

  /** A fact of a topic was accepted, or found to be its newest. */
  came(topic: string, seq: number): void {
    this.newest.set(topic, Math.max(seq, this.newest.get(topic) ?? 0));
  }

  /**
   * The stream of a topic ends at this sequence: plans for later facts were for those of a stream that is gone, so they say nothing of
   * those that come.
   */
  endsAt(topic: string, lastSeq: number): void {
    if ((this.newest.get(topic) ?? 0) > lastSeq) this.newest.delete(topic);
    for (const { owner } of this.plugins.values()) {
      const key = nudgeKey(owner, topic);
      if ((this.nudges.get(key)?.seq ?? 0) > lastSeq) this.nudges.delete(key);
    }
  }

  /** What is to run now, by owner; `isBusy`: whether a run of an owner is in work. */
  due(nowMs: number, isBusy: (owner: string) => boolean): DueRun[] {
    const due = [...this.plugins.values()].flatMap((plugin): DueRun[] => {
      if (isBusy(plugin.owner)) return [];
      const nudge = this.nudgeDueMs(plugin) <= nowMs ? this.longestWaiting(plugin) : undefined;
      if (nudge) return [{ plugin, trigger: nudge }];
      return this.clockDueMs(plugin) <= nowMs ? [{ plugin, trigger: { type: 'interval' } }] : [];
    });
    return due.sort((a, b) => (a.plugin.owner < b.plugin.owner ? -1 : 1));
  }

  /** When the next one is due that is not in work; undefined when none is. Milliseconds since 1970. */
  nextDueMs(isBusy: (owner: string) => boolean): number | undefined {
    let next = Infinity;
    for (const plugin of this.plugins.values())
      if (!isBusy(plugin.owner)) next = Math.min(next, this.clockDueMs(plugin), this.nudgeDueMs(plugin));
    return next === Infinity ? undefined : next;
  }

  private clockDueMs({ owner, revision, everyMs }: ScheduledPlugin): number {
    if (everyMs === undefined) return Infinity;
    const last = this.last.get(owner);
    return last === undefined || last.revision < revision ? -Infinity : last.atMs + everyMs;
  }

  private nudgeDueMs(plugin: ScheduledPlugin): number {
    if (!this.longestWaiting(plugin)) return Infinity;
    const last = this.last.get(plugin.owner);
    return last === undefined ? -Infinity : last.atMs + LEAST_PAUSE_MS;
  }

  /** Of the topics that have a newer fact than was planned for: the one that was planned for longest ago. */
  private longestWaiting({ owner, topics }: ScheduledPlugin): TopicTrigger | undefined {
    let best: (TopicTrigger & { readonly atMs: number }) | undefined;
    for (const topic of topics) {
      const seq = this.newest.get(topic) ?? 0;
      const { seq: plannedSeq, atMs } = this.nudges.get(nudgeKey(owner, topic)) ?? {
        seq: 0,
        atMs: -Infinity,
      };
      if (seq > plannedSeq && (best === undefined || atMs < best.atMs))
        best = { type: 'event', topic, seq, atMs };
    }
    return best && { type: best.type, topic: best.topic, seq: best.seq };
  }
}

function nudgeKey(owner: string, topic: string): string {
  return `${owner}\0${topic}`;
}
