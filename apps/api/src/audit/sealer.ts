import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { appendFenced, Bus, Follower, type StreamMessage } from '@signalbox/bus';
import { formatTime, SEAL_LIMITS, type SealedRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Clock, Serial } from '@signalbox/runtime';
import { AuditKeys } from './audit-keys.js';
import { sealsEnd, type SealsEnd } from './audit-log.js';
import { digestOf, sealBehind } from './seal-chain.js';

/** A record waits so long for others that are sealed with it. Milliseconds. */
export const SEAL_AFTER_MS = 1000;

/**
 * Follows JOURNAL and seals what stands there, also what was there before the audit. Two processes that do it are fenced by the end of AUDIT:
 * the one that comes late finds its records sealed. ADR 0047.
 */
@Injectable()
export class Sealer implements OnApplicationBootstrap, OnApplicationShutdown {
  private end: SealsEnd | undefined;
  /** Digests of what was read and is not sealed yet, at most two seals' worth. */
  private pending: SealedRecord[] = [];
  private follower: Follower | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly turns = new Serial();
  private stopped = false;

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly keys: AuditKeys,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.end = await sealsEnd(this.bus, this.keys.all);
    const { end } = this.end;
    if (end.key !== undefined && !this.keys.all.some(({ id }) => id === end.key))
      this.bus.log.error(
        { key: end.key },
        'audit.key is not the one that sealed last: put it back behind the new one',
      );
    this.follower = new Follower(this.bus, {
      name: 'audit',
      stream: STREAMS.journal,
      fromSeq: end.to + 1,
      onBatch: (batch) => this.take(batch),
      mayWait: () => true,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.follower?.stop();
    // what waits is sealed at the next start
    await this.turns.run(() => Promise.resolve());
  }

  /** Seals what was read, and says where the seals end; undefined before the start. Throws `nats-unavailable`, `storage-full`. */
  async sealed(): Promise<SealsEnd['end'] | undefined> {
    await this.sealAll(1);
    return this.end?.end;
  }

  private async take(batch: readonly StreamMessage[]): Promise<void> {
    for (const message of batch) {
      // a batch comes again when it could not be sealed
      const behind = this.pending.at(-1)?.seq ?? this.end?.end.to ?? 0;
      if (message.seq > behind) this.pending.push({ seq: message.seq, digest: digestOf(message) });
    }
    await this.sealAll(SEAL_LIMITS.records);
    this.sealLater();
  }

  private sealLater(): void {
    if (this.pending.length === 0 || this.stopped) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.sealAll(1).catch((error: unknown) => {
        if (!this.bus.outages.explain(error))
          this.bus.log.warn({ reason: String(error) }, 'the journal could not be sealed, trying again');
        this.sealLater();
      });
    }, SEAL_AFTER_MS).unref();
  }

  /** Seals while so many records wait. */
  private sealAll(atLeast: number): Promise<void> {
    return this.turns.run(async () => {
      while (this.pending.length >= atLeast && !this.stopped) await this.sealOnce();
    });
  }

  private async sealOnce(): Promise<void> {
    const { end, lastSeq } = this.end!;
    const seal = sealBehind(
      end,
      this.pending.slice(0, SEAL_LIMITS.records),
      this.keys.all[0]!,
      formatTime(this.clock.now()),
    );
    const message = {
      ...{ stream: STREAMS.audit, subject: SUBJECTS.seals, data: Buffer.from(JSON.stringify(seal)) },
      msgId: `seal:${seal.number}:${seal.head}`,
    };
    const { seq, isOurs } = await appendFenced(this.bus, message, lastSeq);
    this.end = isOurs ? { end: seal, lastSeq: seq } : await sealsEnd(this.bus, this.keys.all);
    const { to } = this.end.end;
    this.pending = this.pending.filter((record) => record.seq > to);
  }
}
