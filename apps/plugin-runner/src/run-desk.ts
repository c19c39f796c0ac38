import { Injectable } from '@nestjs/common';
import { Bus, Follower, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  decodeRunBatch,
  OPEN_STATES,
  type PluginSpec,
  type RunRecord,
  STREAMS,
  SUBJECTS,
  timestampMs,
} from '@signalbox/contracts';
import {
  loadPosition,
  orderOfView,
  readUpTo,
  runsProjection,
  type RunView,
  streamCreated,
  untilRestored,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import { OpenAttempts, type OpenAttempt, type PlannedRun } from './domain/open-attempts.js';
import type { PlannedOnce } from './domain/plugin-schedule.js';
import { WorkLine } from './domain/work-line.js';
import { PROCESS_LIMITS } from './execution/limits.js';
import { RunExecutor } from './run-executor.js';
import { untilDone } from './until-done.js';

/**
 * Gives every plan to the executor once, plugin by plugin: what the records say is open at the start, then each plan as it
 * comes. An attempt is done when its `ended` record is stored, so a stop leaves nothing behind that the next start does not
 * find.
 */
@Injectable()
export class RunDesk {
  private readonly lines = new Map<string, WorkLine>();
  private readonly declared = new Map<string, PluginSpec>();
  private readonly ending = new AbortController();
  private follower: Follower | undefined;
  /** Runs in work or waiting for their turn, by where their parts stand. */
  private readonly busy = new Map<string, number>();
  private readonly planned: (PlannedOnce & { readonly source: string })[] = [];
  private onEnded: (source: string) => void = () => undefined;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly executor: RunExecutor,
  ) {}

  /** Finds what is open and begins with it, then takes every new plan. */
  async start(): Promise<void> {
    const trouble = 'the open runs cannot be read, trying again';
    const found = await untilDone(this.bus, this.ending.signal, trouble, () => this.openAttempts());
    if (!found) return;
    for (const attempt of found.open) this.take(attempt);
    this.follower = new Follower(this.bus, {
      service: 'plugin-runner',
      name: 'plans',
      stream: STREAMS.activity,
      filter: SUBJECTS.plans,
      fromSeq: found.seq + 1,
      onBatch: (batch) => {
        for (const message of batch) this.takePlans(message);
        return Promise.resolve();
      },
    });
  }

  /** Runs of all plugins that are in work or wait for their turn. */
  get size(): number {
    let sum = 0;
    for (const line of this.lines.values()) sum += line.size;
    return sum;
  }

  /** Runs that no subscription started, the last ones of each source among them, as the records of before the start tell them. */
  get plannedBefore(): readonly (PlannedOnce & { readonly source: string })[] {
    return this.planned;
  }

  /** Whether a run of a source is in work or waits for its turn. */
  isBusy(source: string): boolean {
    return this.busy.has(source);
  }

  /** Told of the source of each run that has ended. */
  tellEnds(onEnded: (source: string) => void): void {
    this.onEnded = onEnded;
  }

  /** Begins with a run whose plan is stored. */
  begin(plan: PlannedRun): void {
    this.take({ plan, isStarted: false });
  }

  /** How much each plugin may have in work: follows its declaration. */
  keep(declared: ReadonlyMap<string, PluginSpec>): void {
    this.declared.clear();
    for (const [name, spec] of declared) this.declared.set(name, spec);
    for (const [name, line] of this.lines) {
      if (line.size === 0 && !declared.has(name)) this.lines.delete(name);
      else line.setLimit(limitOf(declared.get(name)));
    }
  }

  /** Takes no further plan; what is in work ends with its processes. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.follower?.stop();
    await this.executor.stop();
  }

  /** The table, then the records after its position. */
  private async openAttempts(): Promise<{ open: readonly OpenAttempt[]; seq: number }> {
    const created = await streamCreated(this.bus, STREAMS.activity);
    await untilRestored(this.bus, this.dataSource, runsProjection.name);
    const attempts = new OpenAttempts();
    const position = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await tx.query<{ view: string }[]>('select view from runs where state = any($1::text[])', [
        OPEN_STATES,
      ]);
      for (const { view } of rows) attempts.add(attemptOf(JSON.parse(view) as RunView));
      for (const { view } of await tx.query<{ view: string }[]>(NEWEST_OF_TRIGGERS)) {
        const run = JSON.parse(view) as RunView;
        this.planned.push(plannedOnce({ ...run, at: run.plannedAt }));
      }
      return loadPosition(tx, runsProjection.name, STREAMS.activity, created);
    });
    const { state } = await this.bus.manager.streams.info(STREAMS.activity);
    const range = { stream: STREAMS.activity, filter: SUBJECTS.allRunActivity };
    await readUpTo(
      this.bus,
      { ...range, fromSeq: position + 1, toSeq: state.last_seq },
      (batch) => {
        for (const message of batch)
          for (const record of this.recordsOf(message)) this.learn(attempts, record);
        return Promise.resolve();
      },
      this.ending.signal,
    );
    return { open: attempts.all(), seq: state.last_seq };
  }

  private learn(attempts: OpenAttempts, record: RunRecord): void {
    attempts.fold(record);
    if (record.type === 'planned' && record.trigger !== undefined) this.planned.push(plannedOnce(record));
  }

  private takePlans(message: StreamMessage): void {
    for (const record of this.recordsOf(message))
      if (record.type === 'planned') this.take({ plan: record, isStarted: false });
  }

  private take(attempt: OpenAttempt): void {
    const { plugin, source } = attempt.plan;
    let line = this.lines.get(plugin);
    if (!line) this.lines.set(plugin, (line = new WorkLine(limitOf(this.declared.get(plugin)))));
    this.busy.set(source, (this.busy.get(source) ?? 0) + 1);
    line.add(async () => {
      await this.executor.execute(attempt);
      const left = (this.busy.get(source) ?? 1) - 1;
      if (left === 0) this.busy.delete(source);
      else this.busy.set(source, left);
      this.onEnded(source);
    });
  }

  private recordsOf(message: StreamMessage): ReturnType<typeof decodeRunBatch>['records'] {
    return readRecord(this.bus.log, message, decodeRunBatch)?.records ?? [];
  }
}

/**
 * Of each source that no subscription feeds the newest run, and the newest for each topic: they say when the next one is due, and which facts
 * have led to one.
 */
const NEWEST_OF_TRIGGERS = `select distinct on (source, topic) view
  from (select view, source, planned_at, view::json #>> '{trigger,topic}' as topic from runs where subscription = '') triggered
  order by source, topic, planned_at desc`;

/**
 * Runs of a plugin in work at the same time: a process each, or as many as its persistent processes take; none while it
 * is suspended.
 */
function limitOf(spec: PluginSpec | undefined): number {
  if (spec?.suspend === true) return 0;
  const processes = spec?.concurrency ?? PROCESS_LIMITS.concurrency;
  return spec?.mode === 'persistent' ? processes * PROCESS_LIMITS.window : processes;
}

function plannedOnce({
  source,
  at,
  revision,
  trigger,
}: Pick<PlannedRun, 'source' | 'at' | 'revision' | 'trigger'>): PlannedOnce & { readonly source: string } {
  return { source, atMs: timestampMs(at), revision, ...(trigger && { trigger }) };
}

function attemptOf(view: RunView): OpenAttempt {
  return {
    plan: { type: 'planned', at: view.plannedAt, ...orderOfView(view) },
    isStarted: view.state === 'running',
  };
}
