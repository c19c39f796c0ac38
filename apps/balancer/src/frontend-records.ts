import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter, getLast, readRecord } from '@signalbox/bus';
import { decodeFrontendRecord, type FrontendRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { targetKey } from './domain/frontend-changes.js';

/** The one writer of `activity.frontend.>`. */
@Injectable()
export class FrontendRecords {
  private readonly writer: FencedWriter<FrontendRecord>;

  constructor(private readonly bus: Bus) {
    this.writer = new FencedWriter(bus, {
      stream: STREAMS.activity,
      subjectOf: ({ frontend }) => SUBJECTS.frontendActivity(frontend),
      idOf: ({ frontend, version, at }) => `frontend:${frontend}:${version}:${at}`,
      merge,
    });
  }

  get lastSeq(): number {
    return this.writer.lastSeq;
  }

  /** Tells where the records of a frontend stood before this process. */
  resume(frontend: string, seq: number): void {
    this.writer.resume(SUBJECTS.frontendActivity(frontend), seq);
  }

  /** The newest record of a frontend that no row tells of: it left before this process, or it never was. */
  async recall(frontend: string): Promise<FrontendRecord | undefined> {
    const last = await getLast(this.bus, STREAMS.activity, SUBJECTS.frontendActivity(frontend));
    if (!last) return undefined;
    this.resume(frontend, last.seq);
    return readRecord(this.bus.log, last, decodeFrontendRecord);
  }

  /** Resolves with the sequence when the record is stored; waits while NATS is away. */
  append(record: FrontendRecord): Promise<number> {
    return this.writer.append(record);
  }

  stop(): void {
    this.writer.stop();
  }
}

/** What both records say: the newest of each target, and whoever left and did not come back. */
function merge(
  { from, ...older }: FrontendRecord,
  { from: _replaced, ...newer }: FrontendRecord,
): FrontendRecord {
  const keyOf = ({ pool, backend }: { pool: string; backend: string }): string => targetKey(pool, backend);
  const told = new Set([...newer.targets, ...newer.gone].map(keyOf));
  return {
    ...newer,
    targets: [...older.targets.filter((one) => !told.has(keyOf(one))), ...newer.targets],
    gone: [...older.gone.filter((one) => !told.has(keyOf(one))), ...newer.gone],
    ...(from !== undefined && { from }),
  };
}
