import { Injectable } from '@nestjs/common';
import { Bus, Follower, readRecord } from '@signalbox/bus';
import { decodeBackendRecord, type Endpoint, STREAMS, SUBJECTS, timestampMs } from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import { backendsProjection, loadPosition, streamCreated, untilRestored } from '@signalbox/store';
import type { Histogram } from 'prom-client';
import { DataSource } from 'typeorm';
import {
  applyBackendRecord,
  type KnownBackend,
  type MemberState,
  memberState,
} from './domain/known-backend.js';

/** Every backend, and out of which state its newest record that is about another state brought it. */
const ROWS = `
  select name, version, state, since, address, port, came_from
    from backends
    left join lateral (
      select coalesce(from_state, 'new') as came_from
        from backend_transitions
       where backend = name and from_state is distinct from to_state
       order by backend_transitions.version desc
       limit 1) as entered on true`;

interface Row extends Pick<KnownBackend, 'version' | 'state'> {
  readonly address: string;
  readonly port: number | null;
  readonly name: string;
  readonly since: string;
  readonly came_from: NonNullable<KnownBackend['cameFrom']> | null;
}

/** How backends are, as `health` recorded it: rows with their position, then `activity.backend.>`. */
@Injectable()
export class BackendStates {
  private readonly known = new Map<string, KnownBackend>();
  private readonly lag: Histogram;
  private follower: Follower | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.lag = metrics.histogram(
      'signalbox_balancer_lag_seconds',
      'Age of the oldest backend record of a batch when the balancer takes it',
    );
  }

  /** Loads and follows; `onChange` gets the names whose record changed and where the last of them stands. */
  async start(onChange: (backends: ReadonlySet<string>, seq: number) => Promise<void>): Promise<void> {
    const fromSeq = (await this.load()) + 1;
    this.follower = new Follower(this.bus, {
      service: 'balancer',
      name: 'backend states',
      stream: STREAMS.activity,
      filter: SUBJECTS.allBackendActivity,
      fromSeq,
      onBatch: async (batch) => {
        this.lag.observe(Math.max(0, this.clock.now() - batch[0]!.time) / 1000);
        const changed = new Set<string>();
        for (const message of batch) {
          const record = readRecord(this.bus.log, message, decodeBackendRecord);
          if (!record) continue;
          const { backend } = record;
          changed.add(backend);
          this.known.set(backend, applyBackendRecord(this.known.get(backend), record));
        }
        await onChange(changed, batch.at(-1)!.seq);
      },
    });
    await this.follower.caughtUp;
  }

  /** State of a backend that the config knows at `endpoint`; `missing` when the config does not know it. */
  of(backend: string, endpoint: Endpoint | undefined): MemberState {
    return memberState(this.known.get(backend), endpoint);
  }

  /** Sequence in ACTIVITY up to which the states are known. */
  get position(): number {
    return this.follower?.position ?? 0;
  }

  async stop(): Promise<void> {
    await this.follower?.stop();
  }

  private async load(): Promise<number> {
    const created = await streamCreated(this.bus, STREAMS.activity);
    await untilRestored(this.bus, this.dataSource, backendsProjection.name);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const position = await loadPosition(tx, backendsProjection.name, STREAMS.activity, created);
      if (position === 0) return 0;
      const rows = await tx.query<Row[]>(ROWS);
      for (const { name, since, came_from, address, port, ...row } of rows) {
        const cameFrom = came_from === null ? {} : { cameFrom: came_from };
        const endpoint = { address, ...(port !== null && { port }) };
        this.known.set(name, { ...row, endpoint, sinceMs: timestampMs(since), ...cameFrom });
      }
      return position;
    });
  }
}
