import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
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
  STREAMS,
  toldProject,
} from '@signalbox/contracts';
import {
  BackendRow,
  backendsProjection,
  FrontendRow,
  frontendsProjection,
  FrontendTargetRow,
  loadPosition,
  NodeListenerRow,
  NodeRow,
  nodesProjection,
  reportOfRow,
  streamCreated,
  targetOfRow,
} from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { isWanted, type StreamEvent, type StreamWish } from './stream-event.js';
import type { StreamPosition } from './stream-position.js';

/** Reads backends, frontends and nodes as they are, with the position from which changes follow. */
@Injectable()
export class PresentState {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** One event for each that is wanted, as if it had just been recorded: backends, frontends, then nodes, each by name. */
  async read(wish: StreamWish): Promise<{ events: StreamEvent[]; position: StreamPosition }> {
    const created = await streamCreated(this.bus, STREAMS.activity);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const position = {
        backend: await loadPosition(tx, backendsProjection.name, STREAMS.activity, created),
        frontend: await loadPosition(tx, frontendsProjection.name, STREAMS.activity, created),
        node: await loadPosition(tx, nodesProjection.name, STREAMS.activity, created),
      };
      // rows without a position are of another stream: the projection will empty its tables
      const kinds = wish.kinds.filter((kind) => position[kind] > 0);
      const events = [
        ...(kinds.includes('backend') ? await backendEvents(tx) : []),
        ...(kinds.includes('frontend') ? await frontendEvents(tx) : []),
        ...(kinds.includes('node') ? await nodeEvents(tx) : []),
      ];
      return { events: events.filter((event) => isWanted(wish, event)), position };
    });
  }
}

async function backendEvents(tx: EntityManager): Promise<StreamEvent[]> {
  const rows = await tx
    .createQueryBuilder(BackendRow, 'b')
    .where(`b.state <> 'removed'`)
    .orderBy('b.name', 'ASC')
    .getMany();
  return rows.map(({ name, version, at, state, since, result, address, port, healthcheck, notedBy }) => ({
    type: 'backend',
    ...toldProject(name),
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
    synthetic: true,
  }));
}

async function frontendEvents(tx: EntityManager): Promise<StreamEvent[]> {
  const rows = await tx.find(FrontendRow, { order: { name: 'ASC' } });
  const targets = new Map<string, FrontendTarget[]>(rows.map(({ name }) => [name, []]));
  for (const row of await tx.find(FrontendTargetRow, { order: { pool: 'ASC', backend: 'ASC' } }))
    targets.get(row.frontend)?.push(targetOfRow(row));
  return rows.map(({ name, version, at, state, activePool }) => ({
    type: 'frontend',
    ...toldProject(name),
    frontend: name,
    version,
    at,
    from: state as FrontendState,
    to: state as FrontendState,
    activePool,
    targets: targets.get(name) ?? [],
    gone: [],
    synthetic: true,
  }));
}

async function nodeEvents(tx: EntityManager): Promise<StreamEvent[]> {
  const rows = await tx.find(NodeRow, { order: { name: 'ASC' } });
  const listeners = new Map<string, NodeListenerReport[]>(rows.map(({ name }) => [name, []]));
  for (const row of await tx.find(NodeListenerRow, { order: { listener: 'ASC' } }))
    listeners.get(row.node)?.push(reportOfRow(row));
  return rows.map(({ name, version, at, driver, state, error, epoch, appliedGeneration, capabilities }) => ({
    type: 'node',
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
  }));
}
