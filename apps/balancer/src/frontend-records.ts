import { Injectable } from '@nestjs/common';
import { Bus, FencedWriter, getLast, readRecord } from '@signalbox/bus';
import { decodeFrontendRecord, type FrontendRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { applyFrontendRecord, targetKey } from './domain/frontend-changes.js';
import type { FrontendMemory } from './domain/frontend-view.js';

/** Told that the records of a frontend say something new. */
export type StoredListener = (frontend: string, memory: FrontendMemory | undefined) => void;

/** The one writer of `activity.frontend.>`; knows what the stored records say of each frontend that is present. */
@Injectable()
export class FrontendRecords {
  private readonly writer: FencedWriter<FrontendRecord>;
  private readonly stored = new Map<string, FrontendMemory>();
  private tell: StoredListener = () => undefined;

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

  /** Hands over what the records say now, and calls `listener` from now on when a record that says something else is stored. */
  onStored(listener: StoredListener): void {
    this.tell = listener;
    for (const [frontend, memory] of this.stored) listener(frontend, memory);
  }

  /** Tells where the records of a frontend stood before this process, and what they say of one that is present. */
  resume(frontend: string, seq: number, memory?: FrontendMemory): void {
    this.writer.resume(SUBJECTS.frontendActivity(frontend), seq);
    if (memory) this.stored.set(frontend, memory);
  }

  /** The newest record of a frontend that no row tells of: it left before this process, or it never was. */
  async recall(frontend: string): Promise<FrontendRecord | undefined> {
    const last = await getLast(this.bus, STREAMS.activity, SUBJECTS.frontendActivity(frontend));
    if (!last) return undefined;
    this.resume(frontend, last.seq);
    return readRecord(this.bus.log, last, decodeFrontendRecord);
  }

  /** Resolves with the sequence when the record is stored; waits while NATS is away. */
  async append(record: FrontendRecord): Promise<number> {
    const seq = await this.writer.append(record);
    const { frontend } = record;
    const memory = applyFrontendRecord(this.stored.get(frontend), record);
    if (memory) this.stored.set(frontend, memory);
    else this.stored.delete(frontend);
    this.tell(frontend, memory);
    return seq;
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
