import { Injectable } from '@nestjs/common';
import { Bus, lastBefore, lastOf, readRecord } from '@signalbox/bus';
import { decodeRefusedRecord, type RefusedRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { readUpTo } from '@signalbox/store';
import type { RefusedLineDto } from './audit.dto.js';

/** How far back refused attempts are told. Milliseconds. */
const BACK_MS = 24 * 3_600_000;

/** Lines that are told. */
const LINES = 1000;

/** How long reading may take. Milliseconds. */
const READ_MS = 10_000;

/** Reads of what was refused. There is at most one record a minute and process, so ACTIVITY itself answers. */
@Injectable()
export class RefusedReader {
  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Newest first. Throws `nats-unavailable`. */
  async list(): Promise<RefusedLineDto[]> {
    const { bus } = this;
    const { last: toSeq } = await lastOf(bus, STREAMS.activity, SUBJECTS.refused);
    const fromSeq = (await lastBefore(bus, STREAMS.activity, this.clock.now() - BACK_MS)) + 1;
    let lines: RefusedLineDto[] = [];
    await readUpTo(
      bus,
      { stream: STREAMS.activity, filter: SUBJECTS.refused, fromSeq, toSeq },
      (batch) => {
        const records = batch.flatMap((message) => readRecord(bus.log, message, decodeRefusedRecord) ?? []);
        lines = [...records.flatMap(linesOf).reverse(), ...lines].slice(0, LINES);
        return Promise.resolve();
      },
      AbortSignal.timeout(READ_MS),
    );
    return lines;
  }
}

function linesOf({ since, at, lines, beyond }: RefusedRecord): RefusedLineDto[] {
  const told = lines.map((line) => ({ since, at, ...line }));
  return beyond === 0
    ? told
    : [...told, { since, at, address: '', reason: 'many', route: '', count: beyond }];
}
