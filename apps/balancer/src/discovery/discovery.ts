import { Injectable } from '@nestjs/common';
import { Bus, RecordLog } from '@signalbox/bus';
import {
  type Alarm,
  type BackendSourceSpec,
  canonicalJson,
  CodedError,
  formatTime,
  type Part,
  type PartRecord,
  readScopedName,
  type Resource,
  type ResourceRef,
  type RunRecord,
  scopedName,
  scopedNameOf,
  sourceOfPart,
  sourceOwner,
  type SourcesAnswer,
  type SourceStatus,
  specOf,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock, Serial } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import { sourceAlarms } from '../domain/discovery/source-alarms.js';
import { broughtBy, type DeclaredSource, SourceProgress } from '../domain/discovery/source-progress.js';
import { FrontendBook, SOURCE_KIND } from '../frontend-book.js';
import { FrontendInputs } from '../frontend-inputs.js';
import { SourceLane } from './source-lane.js';
import type { SourceWatch } from './source-watch.js';
import { SourceWatches } from './source-watches.js';
import { VIP_KINDS } from '../vip-leases.js';

/** One source at work. */
interface Running {
  readonly source: DeclaredSource;
  readonly lane: SourceLane;
  readonly watch: SourceWatch;
}

/**
 * The BackendSources of the config, each watched where it knows its backends, with what they bring proposed to the renderer. The one
 * writer of `activity.run.discovery`. ADR 0028.
 */
@Injectable()
export class Discovery {
  private readonly log: RecordLog<RunRecord>;
  private readonly running = new Map<string, Running>();
  private readonly serial = new Serial();
  private ready = false;
  private stopped = false;

  constructor(
    bus: Bus,
    private readonly dataSource: DataSource,
    private readonly inputs: FrontendInputs,
    private readonly frontends: FrontendBook,
    private readonly watches: SourceWatches,
    private readonly clock: Clock,
  ) {
    this.log = new RecordLog(bus, STREAMS.activity);
  }

  /** Takes over the config and what was brought before, and follows; call it when everything was decided once. */
  async start(): Promise<void> {
    this.inputs.onPart((record) => this.decided(record));
    this.inputs.onConfig((_, changed) => this.follow(changed));
    await this.serial.run(async () => {
      const parts = await this.partsBefore();
      for (const resource of this.frontends.book.all(SOURCE_KIND)) {
        const part = parts.get(scopedNameOf(resource));
        this.begin(declaredSource(resource), part);
        parts.delete(scopedNameOf(resource));
      }
      for (const name of parts.keys()) await this.withdraw(name);
    });
    this.ready = true;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.serial.idle();
    await Promise.all([...this.running.values()].map(({ watch }) => watch.stop()));
    const stopping = [...this.running.values()].map(({ lane }) => lane.stop());
    await Promise.all([this.log.stop(), ...stopping]);
  }

  /** How it stands with each. Throws `not-ready`. */
  answer(): SourcesAnswer {
    if (!this.ready)
      throw new CodedError('not-ready', 'balancer is still catching up with its records: try again');
    return { sources: this.statuses().map(({ status }) => status) };
  }

  alarms(): Alarm[] {
    return this.statuses().flatMap(({ status, isAway }) => sourceAlarms(status, isAway));
  }

  /** How it stands with each now, and whether it has been away for longer than its spec bears. */
  statuses(): { readonly status: SourceStatus; readonly isAway: boolean }[] {
    const nowMs = this.clock.now();
    return [...this.running.values()].map(({ lane: { progress } }) => ({
      status: progress.status(),
      isAway: progress.isAway(nowMs),
    }));
  }

  /** Sources and endpoints that are kept in memory. */
  get size(): number {
    let size = 0;
    for (const { lane } of this.running.values()) size += 1 + lane.progress.size;
    return size;
  }

  private follow(changed: readonly ResourceRef[]): void {
    const sources = changed.filter(({ kind }) => kind === SOURCE_KIND);
    if (sources.length > 0)
      void this.serial.run(async () => {
        for (const { project, name } of sources) await this.read(scopedName(project, name));
      });
    const mayHaveMoved = changed.some(({ kind }) => VIP_KINDS.includes(kind));
    for (const { lane, watch } of this.running.values()) {
      lane.configChanged();
      if (mayHaveMoved) watch.vipsChanged?.();
    }
  }

  private async read(name: string): Promise<void> {
    if (this.stopped) return;
    const resource = this.frontends.book.get(SOURCE_KIND, name);
    const before = this.running.get(name);
    const source = resource && declaredSource(resource);
    if (before && source && canonicalJson(before.source.spec) === canonicalJson(source.spec)) return;
    if (before) {
      this.running.delete(name);
      await before.watch.stop();
      await before.lane.stop();
    }
    if (source) this.begin(source, undefined, before?.lane.progress.brought);
    else if (before) await this.withdraw(name);
  }

  private begin(
    source: DeclaredSource,
    part: Part | undefined,
    brought = part && broughtBy(part, source),
  ): void {
    const progress = new SourceProgress(source, brought, this.clock.now());
    const lane = new SourceLane(progress, this.clock, async (proposal) => {
      const record = { type: 'discovered', at: formatTime(this.clock.now()), ...proposal } as const;
      await this.log.append(SUBJECTS.discoveries, [record]);
    });
    const held = [...(brought?.state.endpoints.values() ?? [])].flatMap(({ fact }) => fact ?? []);
    const known = (part?.facts ?? held).map(({ id }) => id);
    const watch = this.watches.start(source, known, (observation) => lane.observed(observation));
    this.running.set(source.name, { source, lane, watch });
  }

  private async withdraw(name: string): Promise<void> {
    const owner = sourceOwner(name);
    const at = formatTime(this.clock.now());
    await this.log
      .append(SUBJECTS.discoveries, [
        { type: 'withdrawn', at, owner, dueAt: at, reason: `${owner} was deleted` },
      ])
      // stopped before: the next start finds a part without its source
      .catch(() => undefined);
  }

  private decided(record: PartRecord): void {
    const name = sourceOfPart(record);
    const lane = name === undefined ? undefined : this.running.get(name)?.lane;
    if (record.type === 'accepted') lane?.accepted(record.part.runId);
    else if (record.type === 'rejected') lane?.rejected(record.runId, record.error);
  }

  /** The parts of sources that are in force or held back, by the scoped names of their sources. */
  private async partsBefore(): Promise<Map<string, Part>> {
    const rows = await this.dataSource.query<{ body: string }[]>(
      `select body from parts where state in ('active', 'quarantined') and starts_with(owner, $1)`,
      [sourceOwner('')],
    );
    const parts = rows.map(({ body }) => JSON.parse(body) as Part);
    return new Map(parts.map((part) => [part.owner.slice(sourceOwner('').length), part]));
  }
}

function declaredSource(resource: Resource): DeclaredSource {
  const name = scopedNameOf(resource);
  return { name, project: readScopedName(name).project, spec: specOf<BackendSourceSpec>(resource) };
}
