import { Injectable } from '@nestjs/common';
import type { Alarm } from '@signalbox/contracts';
import { AlarmsReader } from '../balance/alarms.reader.js';
import type { EventConnection } from './event-connection.js';
import { isWanted, LiveEvent } from './live-event.js';
import type { StreamWish } from './stream-kinds.js';
import { STREAM_LIMITS } from './stream-limits.js';

/** Who follows alarms, and what it was told of them. */
interface Follower {
  readonly connection: EventConnection;
  readonly wish: StreamWish;
  told: ReadonlyMap<string, Alarm>;
  isNew: boolean;
}

/**
 * What is wrong now, for all who follow it: asked for once every few seconds, and not at all while nobody does. Each is told the difference to what it
 * was told, so one that reads slowly misses what was over in between and nothing else.
 */
@Injectable()
export class AlarmWatch {
  private readonly followers = new Set<Follower>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(private readonly alarms: AlarmsReader) {}

  /** Tells of alarms until the function that it returns is called. */
  follow(connection: EventConnection, wish: StreamWish): () => void {
    const follower: Follower = { connection, wish, told: new Map(), isNew: true };
    this.followers.add(follower);
    void this.look();
    return () => {
      this.followers.delete(follower);
      if (this.followers.size === 0) clearTimeout(this.timer);
    };
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    clearTimeout(this.timer);
    try {
      const alarms = new Map((await this.alarms.survey()).map((alarm) => [keyOf(alarm), alarm]));
      for (const follower of this.followers) tell(follower, alarms);
    } finally {
      this.isLooking = false;
    }
    if (this.followers.size === 0) return;
    // who came meanwhile waits no longer than others
    const wait = [...this.followers].some(({ isNew }) => isNew) ? 0 : STREAM_LIMITS.alarmsMs;
    this.timer = setTimeout(() => void this.look(), wait);
  }
}

function tell(follower: Follower, alarms: ReadonlyMap<string, Alarm>): void {
  const { connection, wish, told, isNew } = follower;
  if (!connection.hasRoom) return;
  follower.isNew = false;
  follower.told = alarms;
  for (const [key, alarm] of alarms) {
    const before = told.get(key);
    if (isNew) send(connection, wish, alarm, { change: 'raised', synthetic: true });
    else if (!before) send(connection, wish, alarm, { change: 'raised' });
    else if (JSON.stringify(before) !== JSON.stringify(alarm))
      send(connection, wish, alarm, { change: 'changed' });
  }
  for (const [key, alarm] of told) if (!alarms.has(key)) send(connection, wish, alarm, { change: 'cleared' });
}

function send(connection: EventConnection, wish: StreamWish, alarm: Alarm, how: object): void {
  const { kind, name, project, ...rest } = alarm;
  // `kind` is that of the alarm; in `type` stands what the event is about
  const data = { ...how, kind, name, ...(project !== undefined && { project }), ...rest };
  const content = {
    kind: 'alarm' as const,
    scoped: name,
    ...(project !== undefined && { project }),
    names: [kind],
    data,
  };
  if (isWanted(wish, content)) connection.push(new LiveEvent(content).text);
}

function keyOf({ kind, name, since }: Alarm): string {
  return `${kind}/${name}/${since}`;
}
