import { Injectable } from '@nestjs/common';
import { Bus, Follower, getLast, readRecord } from '@signalbox/bus';
import { decodeMatchRecord, type MatchRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';

/** What was read of a group. */
interface Known {
  seq: number;
  readonly switches: MatchRecord[];
  /** Ends when everything asked for so far is read. */
  turn: Promise<void>;
}

/** The recorded rule switches of each group, in order. A question reads only what came since the one before. */
@Injectable()
export class RecordedSwitches {
  private readonly groups = new Map<string, Known>();

  constructor(private readonly bus: Bus) {}

  /** Everything recorded by now. Ask for groups that exist only: each is kept in memory. */
  async of(group: string): Promise<readonly MatchRecord[]> {
    const known = this.groups.get(group) ?? { seq: 0, switches: [], turn: Promise.resolve() };
    this.groups.set(group, known);
    known.turn = known.turn.catch(() => undefined).then(() => this.readOn(group, known));
    await known.turn;
    return known.switches;
  }

  private async readOn(group: string, known: Known): Promise<void> {
    const { bus } = this;
    const filter = SUBJECTS.matchActivity(group);
    const last = await getLast(bus, STREAMS.activity, filter);
    if (!last || last.seq <= known.seq) return;
    const follower = new Follower(bus, {
      service: 'matcher',
      name: `switches of ${group}`,
      stream: STREAMS.activity,
      filter,
      fromSeq: known.seq + 1,
      onBatch: (batch) => {
        for (const message of batch) {
          const record = readRecord(bus.log, message, decodeMatchRecord);
          if (record) known.switches.push(record);
          known.seq = message.seq;
        }
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    await follower.stop();
  }
}
