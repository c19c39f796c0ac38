import { Injectable } from '@nestjs/common';
import { StreamTickets, Usage } from '@signalbox/runtime';
import { Feeds } from '../live/feeds.js';
import { LiveStreams } from '../live/live-streams.js';
import { ResourceJournal } from '../changes/resource-journal.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class ApiUsage {
  constructor(
    journal: ResourceJournal,
    streams: LiveStreams,
    feeds: Feeds,
    tickets: StreamTickets,
    usage: Usage,
  ) {
    usage.measure({
      'changes in line': () => journal.waiting,
      'event streams': () => streams.size,
      'newest records for event streams': () => feeds.mostBytes,
      'tickets for event streams': () => tickets.size,
    });
  }
}
