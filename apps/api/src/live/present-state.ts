import { Injectable } from '@nestjs/common';
import { Bus, streamInfo } from '@signalbox/bus';
import {
  type BackendState,
  type FrontendState,
  type FrontendTarget,
  type Capabilities,
  type HealthResult,
  type NodeDriver,
  type NodeListenerReport,
  type NodeRecord,
  type NodeRunState,
  type OperatorNote,
  type Resource,
  type SinkContent,
  type SinkFailure,
  toldProject,
} from '@signalbox/contracts';
import {
  BackendRow,
  FrontendRow,
  FrontendTargetRow,
  NodeListenerRow,
  NodeRow,
  reportOfRow,
  ResourceVersionRow,
  SinkRow,
  targetOfRow,
} from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { type EventContent, isWanted, LiveEvent } from './live-event.js';
import { standingResource } from './resource-events.js';
import { FIRST_SOURCES, type Source } from './sources.js';
import type { StreamKind, StreamWish } from './stream-kinds.js';
import type { Place, StreamPosition } from './stream-position.js';

const EVENTS_OF_KIND: Partial<Record<StreamKind, (tx: EntityManager) => Promise<EventContent[]>>> = {
  backend: backendEvents,
  frontend: frontendEvents,
  node: nodeEvents,
  sink: sinkEvents,
  resource: resourceEvents,
};

/** Reads what there is, with the position from which changes follow. */
@Injectable()
export class PresentState {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * One event for each thing of `kinds` that is wanted, as if it had just been recorded: kind by kind, each by name. The position is that of
   * `sources`, and of those that stand in every id.
   */
  async read(
    wish: StreamWish,
    kinds: readonly StreamKind[],
    sources: readonly Source[],
  ): Promise<{ events: LiveEvent[]; position: StreamPosition }> {
    const placed = [...new Set([...FIRST_SOURCES, ...sources])];
    const created = await this.createdOf(placed);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const folded = await tx.query<{ projection: string; stream: string; seq: number; created: string }[]>(
        'select projection, stream, seq, stream_created as created from positions where projection = any($1)',
        [placed.map(({ projection }) => projection)],
      );
      const position = new Map<string, Place>(
        placed.map(({ name, projection, stream }) => {
          const isIt = (one: (typeof folded)[number]): boolean =>
            one.projection === projection && one.stream === stream && one.created === created.get(stream);
          return [name, { seq: folded.find(isIt)?.seq ?? 0 }];
        }),
      );
      const events: LiveEvent[] = [];
      for (const kind of kinds) {
        // rows without a position are of another stream: the projection will empty its tables
        if (position.get(kind)?.seq === 0) continue;
        for (const content of (await EVENTS_OF_KIND[kind]?.(tx)) ?? [])
          if (isWanted(wish, content)) events.push(new LiveEvent(content));
      }
      return { events, position };
    });
  }

  /** When each stream was made; that of a group that was just declared may not be there yet. */
  private async createdOf(sources: readonly Source[]): Promise<ReadonlyMap<string, string>> {
    const created = new Map<string, string>();
    for (const stream of new Set(sources.map((source) => source.stream))) {
      const info = await streamInfo(this.bus.manager, stream);
      if (info) created.set(stream, info.created);
    }
    return created;
  }
}

async function backendEvents(tx: EntityManager): Promise<EventContent[]> {
  const rows = await tx
    .createQueryBuilder(BackendRow, 'b')
    .where(`b.state <> 'removed'`)
    .orderBy('b.name', 'ASC')
    .getMany();
  return rows.map(({ name, version, at, state, since, result, address, port, healthcheck, notedBy }) =>
    inItsProject('backend', name, {
      backend: name,
      version,
      at,
      from: state as BackendState,
      to: state as BackendState,
      since,
      result: JSON.parse(result) as HealthResult,
      address,
      ...(port !== null && { port }),
      ...(healthcheck !== null && { healthcheck }),
      ...(notedBy !== null && { by: JSON.parse(notedBy) as OperatorNote }),
    }),
  );
}

async function frontendEvents(tx: EntityManager): Promise<EventContent[]> {
  const rows = await tx.find(FrontendRow, { order: { name: 'ASC' } });
  const targets = new Map<string, FrontendTarget[]>(rows.map(({ name }) => [name, []]));
  for (const row of await tx.find(FrontendTargetRow, { order: { pool: 'ASC', backend: 'ASC' } }))
    targets.get(row.frontend)?.push(targetOfRow(row));
  return rows.map(({ name, version, at, state, activePool }) =>
    inItsProject('frontend', name, {
      frontend: name,
      version,
      at,
      from: state as FrontendState,
      to: state as FrontendState,
      activePool,
      targets: targets.get(name) ?? [],
      gone: [],
    }),
  );
}

async function nodeEvents(tx: EntityManager): Promise<EventContent[]> {
  const rows = await tx.find(NodeRow, { order: { name: 'ASC' } });
  const listeners = new Map<string, NodeListenerReport[]>(rows.map(({ name }) => [name, []]));
  for (const row of await tx.find(NodeListenerRow, { order: { listener: 'ASC' } }))
    listeners.get(row.node)?.push(reportOfRow(row));
  return rows.map(({ name, version, at, driver, state, error, epoch, appliedGeneration, capabilities }) => ({
    kind: 'node' as const,
    scoped: name,
    data: {
      node: name,
      version,
      at,
      driver: driver as NodeDriver,
      state: state as NodeRunState,
      ...(error !== null && { error: JSON.parse(error) as NonNullable<NodeRecord['error']> }),
      ...(epoch !== null && { epoch }),
      ...(appliedGeneration !== null && { appliedGeneration }),
      capabilities: JSON.parse(capabilities) as Capabilities,
      listeners: listeners.get(name) ?? [],
      gone: [],
      synthetic: true,
    },
  }));
}

async function sinkEvents(tx: EntityManager): Promise<EventContent[]> {
  const rows = await tx.find(SinkRow, { order: { name: 'ASC' } });
  return rows.map(({ name, version, at, state, revision, generation, content, failure, reason }) => ({
    kind: 'sink',
    names: [name],
    data: {
      ...{ sink: name, version, at, state, revision, generation },
      ...(content !== null && { content: JSON.parse(content) as SinkContent }),
      ...(failure !== null && { failure: JSON.parse(failure) as SinkFailure }),
      ...(reason !== null && { reason }),
      synthetic: true,
    },
  }));
}

async function resourceEvents(tx: EntityManager): Promise<EventContent[]> {
  const rows = await tx
    .createQueryBuilder(ResourceVersionRow, 'r')
    .where('r.toRevision is null')
    .orderBy({ 'r.apiVersion': 'ASC', 'r.kind': 'ASC', 'r.project': 'ASC', 'r.name': 'ASC' })
    .getMany();
  return rows.map(({ body, fromRevision, setName }) =>
    standingResource(JSON.parse(body) as Resource, fromRevision, setName),
  );
}

function inItsProject(kind: StreamKind, scoped: string, data: object): EventContent {
  const project = toldProject(scoped);
  return { kind, scoped, ...project, data: { ...project, ...data, synthetic: true } };
}
