import { Injectable } from '@nestjs/common';
import { Bus, Follower } from '@signalbox/bus';
import { type BackendState, decodeBackendRecord, STREAMS, SUBJECTS, timestampMs } from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import { backendsProjection, loadPosition, streamCreated } from '@signalbox/store';
import type { Histogram } from 'prom-client';
import { DataSource } from 'typeorm';
import type { MemberView } from './domain/frontend-view.js';

interface Known {
  readonly version: number;
  readonly state: BackendState;
  readonly sinceMs: number;
  readonly address: string;
}

/** How backends are, as `health` recorded it: rows with their position, then `activity.backend.>`. */
@Injectable()
export class BackendStates {
  private readonly known = new Map<string, Known>();
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
      name: 'backend states',
      stream: STREAMS.activity,
      filter: SUBJECTS.allBackendActivity,
      fromSeq,
      onBatch: async (batch) => {
        this.lag.observe(Math.max(0, this.clock.now() - batch[0]!.time) / 1000);
        const changed = new Set<string>();
        for (const { data } of batch) {
          const { backend, version, to, since, address } = decodeBackendRecord(data);
          changed.add(backend);
          if (version > (this.known.get(backend)?.version ?? -1))
            this.known.set(backend, { version, state: to, sinceMs: timestampMs(since), address });
        }
        await onChange(changed, batch.at(-1)!.seq);
      },
    });
    await this.follower.caughtUp;
  }

  /**
   * State of a backend that the config knows under `address`; `missing` when the config does not know it. What was
   * recorded of another address says nothing about this one, and a record of its removal is older than the config.
   */
  of(backend: string, address: string | undefined): Pick<MemberView, 'state' | 'sinceMs'> {
    const known = this.known.get(backend);
    const sinceMs = known?.sinceMs ?? 0;
    if (address === undefined) return { state: 'missing', sinceMs };
    if (!known || known.state === 'removed') return { state: 'unknown', sinceMs };
    const isOfOther = known.address !== address && (known.state === 'up' || known.state === 'down');
    return { state: isOfOther ? 'unknown' : known.state, sinceMs };
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
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const position = await loadPosition(tx, backendsProjection.name, STREAMS.activity, created);
      if (position === 0) return 0;
      const rows = await tx.query<
        { name: string; version: number; state: BackendState; since: string; address: string }[]
      >('select name, version, state, since, address from backends');
      for (const { name, version, state, since, address } of rows)
        this.known.set(name, { version, state, sinceMs: timestampMs(since), address });
      return position;
    });
  }
}
