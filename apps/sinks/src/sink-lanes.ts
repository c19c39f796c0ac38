import { Inject, Injectable } from '@nestjs/common';
import {
  type ConfigSinkSpec,
  ownPlaceOf,
  refOf,
  type Resource,
  type ResourceRef,
  specOf,
} from '@signalbox/contracts';
import { LOG, type Log } from '@signalbox/runtime';
import { SinkConfig } from './sink-config.js';
import { SinkIntents } from './sink-intents.js';
import { type DeclaredSink, SinkLane } from './sink-lane.js';
import { SinkMetrics } from './sink-metrics.js';
import { SinkRecords } from './sink-records.js';
import { SinkTargets } from './sink-targets.js';

/** A ConfigSink with the revision that put it. */
export interface SinkEntry {
  readonly resource: Resource;
  readonly revision: number;
}

/** The sinks at work, by name. */
@Injectable()
export class SinkLanes {
  private readonly lanes = new Map<string, SinkLane>();

  constructor(
    private readonly config: SinkConfig,
    private readonly targets: SinkTargets,
    private readonly records: SinkRecords,
    private readonly intents: SinkIntents,
    private readonly metrics: SinkMetrics,
    @Inject(LOG) private readonly log: Log,
  ) {
    metrics.show(() => this.all());
  }

  /** All of them, in no order. */
  all(): Iterable<SinkLane> {
    return this.lanes.values();
  }

  get(name: string): SinkLane | undefined {
    return this.lanes.get(name);
  }

  /** Lets these sinks work, and no others. Of several with one place the first by name does. */
  async reconcile(entries: readonly SinkEntry[]): Promise<void> {
    const declared = declaredSinks(entries);
    for (const [name, lane] of this.lanes)
      if (!declared.has(name)) {
        this.lanes.delete(name);
        await lane.remove();
        await lane.stop();
      }
    for (const [name, sink] of declared) {
      let lane = this.lanes.get(name);
      if (!lane) this.lanes.set(name, (lane = await this.open(name)));
      if (!lane.isAs(sink)) void lane.declare(sink);
    }
  }

  /** Says that sinks are gone that were there when the service stopped. */
  async forget(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (this.lanes.has(name)) continue;
      const lane = await this.open(name);
      await lane.remove();
      await lane.stop();
    }
  }

  /** Tells them what changed in the effective config. */
  noteChange(changed: readonly ResourceRef[]): void {
    for (const lane of this.lanes.values()) lane.noteChange(changed);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.stop()));
  }

  private async open(name: string): Promise<SinkLane> {
    const { book, site, clock } = this.config;
    const intent = await this.intents.recall(name);
    const restored = { ...(await this.records.recall(name)), ...(intent && { intent }) };
    return new SinkLane(
      name,
      {
        ...{ book, site, clock, log: this.log },
        targetOf: (sink, spec) => this.targets.targetOf(sink, spec),
        append: (record) => this.records.append(record),
        onApply: (sink, outcome, seconds) => this.metrics.noteApply(sink, outcome, seconds),
      },
      restored,
    );
  }
}

function declaredSinks(entries: readonly SinkEntry[]): Map<string, DeclaredSink> {
  const declared = new Map<string, DeclaredSink>();
  const holders = new Map<string, string>();
  const byName = entries.map((entry) => [refOf(entry.resource).name, entry] as const);
  for (const [name, { resource, revision }] of byName.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const spec = specOf<ConfigSinkSpec>(resource);
    const place = ownPlaceOf(spec);
    const rival = place === undefined ? undefined : holders.get(place);
    if (place !== undefined && rival === undefined) holders.set(place, name);
    declared.set(name, { spec, revision, ...(rival !== undefined && { rival }) });
  }
  return declared;
}
