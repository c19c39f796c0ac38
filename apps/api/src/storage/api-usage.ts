import { Injectable } from '@nestjs/common';
import { Usage } from '@signalbox/runtime';
import { LiveStreams } from '../live/live-streams.js';
import { ResourceJournal } from '../changes/resource-journal.js';

/** Measures what this service keeps in memory. */
@Injectable()
export class ApiUsage {
  constructor(journal: ResourceJournal, streams: LiveStreams, usage: Usage) {
    usage.measure({
      'changes in line': () => journal.waiting,
      'event streams': () => streams.size,
    });
  }
}
