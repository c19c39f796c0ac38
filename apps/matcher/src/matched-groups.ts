import { Injectable } from '@nestjs/common';
import { Bus, existingStream, factsDefinition } from '@signalbox/bus';
import { factsStream } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { Position } from '@signalbox/store';
import { Checkpoints } from './checkpoints.js';
import { GroupMatching } from './group-matching.js';
import { MatchStore } from './match-store.js';
import { Planning } from './planning.js';

/** The groups whose facts are matched. One that is no longer declared goes on: its facts are there. */
@Injectable()
export class MatchedGroups {
  private readonly groups = new Map<string, GroupMatching>();

  constructor(
    private readonly bus: Bus,
    private readonly store: MatchStore,
    private readonly planning: Planning,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
  ) {}

  /** Opens what is new, waiting for its stream. No fact is read before {@link GroupMatching.start}. */
  async open(names: Iterable<string>): Promise<void> {
    const { bus, store, planning, checkpoints, clock } = this;
    const now = (): number => clock.now();
    for (const name of names) {
      if (this.groups.has(name)) continue;
      await existingStream(bus.manager, factsDefinition(name));
      const matching = new GroupMatching(name, { bus, store, planning, checkpoints, now });
      await matching.load();
      this.groups.set(name, matching);
    }
  }

  all(): Iterable<GroupMatching> {
    return this.groups.values();
  }

  /** How far the facts of every group are matched, by their streams. */
  get positions(): (readonly [stream: string, position: Position])[] {
    return [...this.groups].map(([name, { position }]) => [factsStream(name), position]);
  }

  /** Resolves when everything that was there at the start is matched. */
  async caughtUp(): Promise<void> {
    await Promise.all([...this.groups.values()].map(({ caughtUp }) => caughtUp));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.groups.values()].map((group) => group.stop()));
  }
}
