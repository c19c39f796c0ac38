import { Readable } from 'node:stream';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import { LOG, type Log } from '@signalbox/runtime';
import {
  isMended,
  isUnavailable,
  type Projection,
  type ProjectionReport,
  rebuildProjection,
  type RebuildProgress,
  type RebuildReport,
  ScratchSpace,
  verifyProjection,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import { ProjectionsReader } from './projections.reader.js';

/** An empty line goes out when nothing else did for so long, so that nobody takes the connection for dead. */
const KEEP_ALIVE_MS = 15_000;

/** How often it is told how far a rebuild is. Milliseconds. */
const PROGRESS_MS = 200;

/** What is done with one projection; `send` gives the client a line. */
type FoldWork = (
  space: ScratchSpace,
  projection: Projection,
  signal: AbortSignal,
  send: (line: object) => void,
) => Promise<void>;

/** Verifications and rebuilds of projections that this process runs: one at a time, because a site runs one at a time. */
@Injectable()
export class ProjectionFolds implements BeforeApplicationShutdown {
  private readonly running = new Map<AbortController, Promise<void>>();
  private closing = false;

  constructor(
    @Inject(LOG) private readonly log: Log,
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly projections: ProjectionsReader,
  ) {}

  /**
   * Verifies these projections, or all. What comes back is a line of JSON for each as soon as it is done; an error that
   * ends it early is the last line. Destroying it stops the work. Throws `not-found`, `verify-running` and, at shutdown,
   * `not-ready`.
   */
  verify(names: readonly string[] | undefined): Promise<Readable> {
    return this.start(names, async (space, projection, signal, send) => {
      send(this.noted(await verifyProjection(space, projection, signal)));
    });
  }

  /** Rebuilds these projections, or all; answers as {@link verify} does, with lines in between that say how far it is. */
  rebuild(names: readonly string[] | undefined): Promise<Readable> {
    return this.start(names, async (space, projection, signal, send) => {
      const { name } = projection;
      let toldMs = 0;
      const tell = (progress: RebuildProgress): void => {
        const nowMs = performance.now();
        if (nowMs - toldMs < PROGRESS_MS) return;
        toldMs = nowMs;
        send({ name, progress });
      };
      send(this.mended(await rebuildProjection(space, projection, signal, tell)));
    });
  }

  private async start(names: readonly string[] | undefined, work: FoldWork): Promise<Readable> {
    const projections = await this.projections.named(names);
    const space = await ScratchSpace.open(this.bus, this.dataSource);
    if (this.closing) {
      await space.close();
      throw shuttingDown();
    }
    const stop = new AbortController();
    const lines = new Readable({
      read: () => undefined,
      destroy: (error, done) => {
        stop.abort();
        done(error);
      },
    });
    const done = this.run(space, { projections, work }, lines, stop.signal);
    this.running.set(stop, done);
    void done.then(() => this.running.delete(stop));
    return lines;
  }

  /** An open answer would keep the HTTP server from closing. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    for (const stop of this.running.keys()) stop.abort();
    await Promise.all(this.running.values());
  }

  /** Never rejects. */
  private async run(
    space: ScratchSpace,
    { projections, work }: { readonly projections: readonly Projection[]; readonly work: FoldWork },
    lines: Readable,
    signal: AbortSignal,
  ): Promise<void> {
    const alive = setInterval(() => lines.push('\n'), KEEP_ALIVE_MS);
    const send = (line: object): void => {
      alive.refresh();
      if (!lines.destroyed) lines.push(`${JSON.stringify(line)}\n`);
    };
    try {
      for (const projection of projections) await work(space, projection, signal, send);
    } catch (err) {
      if (!signal.aborted) this.log.error({ err }, 'a verification or rebuild of projections broke off');
      send({ error: (signal.aborted ? shuttingDown() : reasonOf(err)).toBody() });
    } finally {
      clearInterval(alive);
      await space.close();
      if (!lines.destroyed) lines.push(null);
    }
  }

  private noted(report: ProjectionReport): ProjectionReport {
    const { name, position, equal, tables } = report;
    const differences = tables.map((table) => ({ table: table.name, rows: table.differences }));
    if (!equal)
      this.log.error({ projection: name, position, differences }, 'a projection is not what its stream says');
    return report;
  }

  private mended(report: RebuildReport): RebuildReport {
    const { name, position, records, tables } = report;
    const fields = { projection: name, position, records, mended: tables.filter(isMended) };
    if (fields.mended.length > 0) this.log.warn(fields, 'rows of a projection were not what its stream says');
    else this.log.info(fields, 'a projection was folded again and is what its stream says');
    return report;
  }
}

function reasonOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return isUnavailable(error)
    ? new CodedError('store-unavailable', 'Postgres does not answer', [], { cause: error })
    : new CodedError('internal', 'see the log of the service', [], { cause: error });
}

function shuttingDown(): CodedError {
  return new CodedError('not-ready', 'the api is shutting down: try again later');
}
