import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter, getLastAlone, Pauses, readRecord } from '@signalbox/bus';
import { decodeNodeRecord, formatTime, type NodeRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { changesOf, type NodeReport, vipCountsOf } from './domain/node-report.js';
import { mergeNodeRecords } from './domain/merge-node-records.js';
import { DataPlane } from './data-plane.js';

/** Pauses between tries to read where the records of the node end. Milliseconds. */
const AGAIN_MS = { first: 250, last: 5000 } as const;

/**
 * The one writer of `activity.node.<node>`: tells what changed after every turn. What was told is kept with the state of the
 * node. Where the records do not end with what was kept, nobody knows what else they say, and everything is told anew; so it is
 * under another epoch, before which the site lost what it had stored.
 */
@Injectable()
export class NodeReporter {
  private readonly writer: FencedWriter<NodeRecord>;
  private readonly subject: string;
  private version = 0;
  private told: NodeReport | undefined;
  private isStopped = false;
  private readonly pauses = new Pauses();
  private starting: Promise<void> | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly plane: DataPlane,
    private readonly clock: Clock,
  ) {
    this.subject = SUBJECTS.nodeActivity(plane.node);
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.activity,
      subjectOf: ({ node }) => SUBJECTS.nodeActivity(node),
      idOf: ({ node, version, at }) => `node:${node}:${version}:${at}`,
      merge: mergeNodeRecords,
      readLast: getLastAlone,
    });
  }

  /** Tells how the node is from now on, as soon as it is known what was told before. */
  start(): void {
    this.starting = this.begin();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.pauses.end();
    this.writer.stop();
    await this.starting;
  }

  private async begin(): Promise<void> {
    const last = await this.untilRead();
    if (!last || this.isStopped) return;
    this.version = last.version;
    this.writer.resume(this.subject, last.seq);
    const { told } = this.plane.kept.memory;
    if (told && told.version === last.version) this.told = told.report;
    this.plane.onReport((report) => this.tell(report));
  }

  /** Where the records end; undefined when the process ends first. */
  private async untilRead(): Promise<{ readonly version: number; readonly seq: number } | undefined> {
    for (let pauseMs: number = AGAIN_MS.first; !this.isStopped;) {
      try {
        const last = await getLastAlone(this.bus, STREAMS.activity, this.subject);
        if (!last) return { version: 0, seq: 0 };
        // a record that cannot be read counted at most as many as there are messages
        const version = readRecord(this.bus.log, last, decodeNodeRecord)?.version ?? last.seq;
        return { version, seq: last.seq };
      } catch {
        await this.pauses.for(pauseMs);
        pauseMs = Math.min(pauseMs * 2, AGAIN_MS.last);
      }
    }
    return undefined;
  }

  private tell(report: NodeReport): void {
    if (this.isStopped) return;
    const before = this.told?.epoch === report.epoch ? this.told : undefined;
    const changes = changesOf(before, report);
    if (!changes) return;
    const { node, kept } = this.plane;
    const version = ++this.version;
    const { vips: _vips, peers: _peers, ...told } = report;
    const whole = before ? {} : { whole: true as const };
    this.told = report;
    const record: NodeRecord = {
      node,
      version,
      at: formatTime(this.clock.now()),
      ...told,
      ...vipCountsOf(report),
      ...changes,
      ...whole,
    };
    this.writer.append(record).then(
      () => {
        kept.memory.told = { version, report };
        kept.keep();
      },
      () => undefined, // at a stop; or it can never be stored, which is in the log
    );
  }
}
