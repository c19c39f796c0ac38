import { Injectable } from '@nestjs/common';
import { formatTime } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import { StatusReader } from '../reads/status.reader.js';
import { GroupFactsReader } from './group-facts.reader.js';
import { ReaderFactsReader } from './reader-facts.reader.js';
import type { StateCountDto, VitalsDto } from './vitals.dto.js';

const RUNS = `
  select state, count(*) as count from (
    (select state from runs where state not in ('succeeded', 'failed', 'withdrawn', 'skipped') limit 10000)
    union all
    (select state from runs where state in ('succeeded', 'failed', 'withdrawn', 'skipped')
      order by planned_at desc, run_id desc limit 1000)) r
   group by state order by state`;
const BACKENDS = 'select state, count(*) as count from backends group by state order by state';

/** What goes on at the site right now, in numbers; of what only rises the reader makes rates. */
@Injectable()
export class VitalsReader {
  constructor(
    private readonly site: StatusReader,
    private readonly groups: GroupFactsReader,
    private readonly readers: ReaderFactsReader,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<VitalsDto> {
    const [status, groups, consumers, runs, backends] = await Promise.all([
      this.site.status(),
      this.groups.read(),
      this.readers.consumers().catch(() => []),
      this.dataSource.query<StateCountDto[]>(RUNS),
      this.dataSource.query<StateCountDto[]>(BACKENDS),
    ]);
    const { node, ready, revision, generation } = status;
    return {
      ...{ at: formatTime(this.clock.now()), node, ready, revision, generation, runs, backends },
      alarms: status.alarms.count,
      groups: status.groups.map(({ name, stream }) => ({ name, accepted: stream.lastSeq })),
      peers: groups.flatMap(({ group, peers }) =>
        peers.map(({ peer, pending, failed, maxLagSeconds = 0 }) => ({
          ...{ group, peer, pending, failed, lagSeconds: Math.floor(maxLagSeconds) },
        })),
      ),
      consumers: consumers
        .map(({ name, stream, lag, inWork = 0 }) => ({ name, stream, lag, inWork }))
        .sort((a, b) => b.lag - a.lag || (a.name < b.name ? -1 : 1))
        .slice(0, MOST_CONSUMERS),
    };
  }
}

/** Of the consumers those that are behind most. */
const MOST_CONSUMERS = 20;
