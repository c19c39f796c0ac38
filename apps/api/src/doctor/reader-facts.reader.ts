import { Injectable } from '@nestjs/common';
import { Bus, streamFills } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import type { DeadFacts, ReaderFacts } from '../domain/doctor/machinery-checks.js';
import { ProjectionsReader } from '../projections/projections.reader.js';

/** Most consumers that are looked at. */
const MOST_CONSUMERS = 10_000;

/** Most dead letters that are counted, the newest. */
const MOST_DEAD = 10_000;

/** Who reads the streams of the site, and how far they are. */
@Injectable()
export class ReaderFactsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly projectionsReader: ProjectionsReader,
  ) {}

  projections(): Promise<ReaderFacts[]> {
    return this.projectionsReader.lags();
  }

  /** Durable consumers; what waits in INTAKE, of which nobody may ask more than that, stands for its only one. */
  async consumers(): Promise<ReaderFacts[]> {
    const found: ReaderFacts[] = [];
    for (const { name: stream, messages } of await streamFills(this.bus.manager)) {
      if (stream === STREAMS.intake) found.push({ name: 'ingest', stream, lag: messages });
      else
        for await (const info of this.bus.manager.consumers.list(stream)) {
          const { durable_name: durable } = info.config;
          if (durable === undefined || durable === '') continue;
          found.push({ name: durable, stream, lag: info.num_pending, inWork: info.num_ack_pending });
          if (found.length >= MOST_CONSUMERS) return found;
        }
    }
    return found;
  }

  deadLetters(): Promise<DeadFacts[]> {
    return this.dataSource.query<DeadFacts[]>(
      `select service, code, count(*) as count
         from (select service, code from dead_letters order by seq desc limit ${MOST_DEAD}) d
        group by service, code order by service, code`,
    );
  }
}
