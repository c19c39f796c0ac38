import { Readable } from 'node:stream';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import { LOG, type Log } from '@signalbox/runtime';
import { isUnavailable, type Projection, type ProjectionReport, ProjectionVerifier } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { ProjectionsReader } from './projections.reader.js';

/** An empty line goes out when nothing else did for so long, so that nobody takes the connection for dead. */
const KEEP_ALIVE_MS = 15_000;

/** The verifications that this process runs: one at a time, because a site runs one at a time. */
@Injectable()
export class ProjectionVerifications implements BeforeApplicationShutdown {
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
  async start(names: readonly string[] | undefined): Promise<Readable> {
    const projections = await this.projections.named(names);
    const verifier = await ProjectionVerifier.open(this.bus, this.dataSource);
    if (this.closing) {
      await verifier.close();
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
    const work = this.run(verifier, projections, lines, stop.signal);
    this.running.set(stop, work);
    void work.then(() => this.running.delete(stop));
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
    verifier: ProjectionVerifier,
    projections: readonly Projection[],
    lines: Readable,
    signal: AbortSignal,
  ): Promise<void> {
    const alive = setInterval(() => lines.push('\n'), KEEP_ALIVE_MS);
    const send = (line: object): void => {
      alive.refresh();
      if (!lines.destroyed) lines.push(`${JSON.stringify(line)}\n`);
    };
    try {
      for (const projection of projections) send(this.noted(await verifier.verify(projection, signal)));
    } catch (err) {
      if (!signal.aborted) this.log.error({ err }, 'a verification of the projections broke off');
      send({ error: (signal.aborted ? shuttingDown() : reasonOf(err)).toBody() });
    } finally {
      clearInterval(alive);
      await verifier.close();
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
}

function reasonOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return isUnavailable(error)
    ? new CodedError('store-unavailable', 'Postgres does not answer', [], { cause: error })
    : new CodedError('internal', 'see the log of the service', [], { cause: error });
}

function shuttingDown(): CodedError {
  return new CodedError('not-ready', 'the api is shutting down: verify again later');
}
