import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  type BackendState,
  type BackendVitals,
  CodedError,
  HEALTH_CHECKER_DEFAULTS,
  type HealthCheckerSpec,
  type HealthResult,
  type OperatorNote,
  type Resource,
  readScopedName,
  SINGLETON_NAME,
  SUBJECTS,
  toldProject,
} from '@signalbox/contracts';
import { BackendRow, BackendTransitionRow, projectIn } from '@signalbox/store';
import { DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { PAGE, type PageQuery } from '../http/page.query.js';
import type { BackendDto, BackendItemDto, BackendsQuery, TransitionDto } from './backends.dto.js';
import { findDeclared } from './declared-rows.js';
import { noSuch } from './in-project.js';
import { originOf } from './origin.js';

/** How long `health` may take to tell what is not in the records. Milliseconds. */
const VITALS_MS = 1000;

/** Reads of backends, by their scoped names, and of their history; several tables are read in one snapshot. */
@Injectable()
export class BackendsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** By scoped name; removed ones only when asked for. */
  async list({ project, state, limit, after }: BackendsQuery): Promise<Page<BackendItemDto>> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const query = tx
        .createQueryBuilder(BackendRow, 'b')
        .orderBy('b.name', 'ASC')
        .limit(limit + 1);
      if (state === undefined) query.where(`b.state <> 'removed'`);
      else query.where('b.state = :state', { state });
      if (project !== undefined) query.andWhere(`${projectIn('b.name')} = :project`, { project });
      if (after !== undefined) query.andWhere('b.name > :name', { name: decodeCursor(after, ['string'])[0] });
      const rows = await query.getMany();
      const users = await frontendsOf(
        tx,
        rows.map(({ name }) => name),
      );
      return pageOf(
        rows,
        limit,
        (row) => backendItem(row, users),
        ({ name }) => [name],
      );
    });
  }

  /** One backend with its last transitions. Throws `not-found`. */
  async get(name: string): Promise<BackendDto> {
    const backend = await this.find(name);
    if (!backend) throw noSuch('backend', name, 'backends');
    return backend;
  }

  /** The same, undefined when no record tells of it. */
  async find(name: string): Promise<BackendDto | undefined> {
    const recorded = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const row = await tx.findOneBy(BackendRow, { name });
      if (!row) return undefined;
      const [configured] = await findDeclared(tx, ['Backend'], name);
      const transitions = await newestTransitions(tx, name)
        .limit(await transitionHistory(tx))
        .getMany();
      return {
        ...backendItem(row, await frontendsOf(tx, [name])),
        transitions: transitions.map(transitionItem),
        ...(configured && { origin: originOf(configured) }),
      };
    });
    if (!recorded || recorded.state === 'removed') return recorded;
    const vitals = await this.vitalsOf(name);
    return { ...recorded, ...(vitals && { vitals }) };
  }

  /** Its whole history, newest first. Throws `not-found`. */
  async transitions(name: string, { limit, after }: PageQuery): Promise<Page<TransitionDto>> {
    const { manager } = this.dataSource;
    if (!(await manager.existsBy(BackendRow, { name }))) throw noSuch('backend', name, 'backends');
    const query = newestTransitions(manager, name).limit(limit + 1);
    if (after !== undefined) {
      const [version] = decodeCursor(after, ['number']);
      query.andWhere('t.version < :version::bigint', { version });
    }
    return pageOf(await query.getMany(), limit, transitionItem, ({ version }) => [version]);
  }

  /** What `health` adds is left out rather than missed: the records say what matters. */
  private async vitalsOf(backend: string): Promise<BackendVitals | undefined> {
    try {
      const answer = await this.bus.ask<BackendVitals | null>(
        SUBJECTS.ask('health', 'backend'),
        { backend },
        VITALS_MS,
      );
      return answer ?? undefined;
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }
}

/** Names of the frontends that have the backends as targets, by backend, sorted. */
async function frontendsOf(
  tx: EntityManager,
  backends: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query<{ backend: string; frontends: string[] }[]>(
    `select backend, array_agg(distinct frontend) as frontends
       from frontend_targets where backend = any($1) group by backend`,
    [backends],
  );
  return new Map(rows.map(({ backend, frontends }) => [backend, frontends.sort()]));
}

/** How many transitions the site wants to see with a backend. */
async function transitionHistory(tx: EntityManager): Promise<number> {
  const [settings] = await findDeclared(tx, ['HealthChecker'], SINGLETON_NAME);
  const spec = settings && ((JSON.parse(settings.body) as Resource).spec as HealthCheckerSpec);
  return Math.min(spec?.transitionHistory ?? HEALTH_CHECKER_DEFAULTS.transitionHistory, PAGE.max);
}

function newestTransitions(tx: EntityManager, backend: string): SelectQueryBuilder<BackendTransitionRow> {
  return tx
    .createQueryBuilder(BackendTransitionRow, 't')
    .where('t.backend = :backend', { backend })
    .orderBy('t.version', 'DESC');
}

function backendItem(row: BackendRow, users: ReadonlyMap<string, readonly string[]>): BackendItemDto {
  const { name, address, port, healthcheck, since, at, version } = row;
  return {
    name: readScopedName(name).name,
    ...toldProject(name),
    address,
    ...(port !== null && { port }),
    ...(healthcheck !== null && { healthcheck: readScopedName(healthcheck).name }),
    state: row.state as BackendState,
    enabled: row.state !== 'disabled',
    since,
    at,
    version,
    ...resultAndNote(row),
    frontends: (users.get(name) ?? []).map((frontend) => readScopedName(frontend).name),
  };
}

function transitionItem(row: BackendTransitionRow): TransitionDto {
  const { version, at, from, to } = row;
  return {
    version,
    at,
    ...(from !== null && { from: from as BackendState }),
    to: to as BackendState,
    ...resultAndNote(row),
  };
}

function resultAndNote({ result, notedBy }: { result: string; notedBy: string | null }): {
  result: HealthResult;
  by?: OperatorNote;
} {
  return {
    result: JSON.parse(result) as HealthResult,
    ...(notedBy !== null && { by: JSON.parse(notedBy) as OperatorNote }),
  };
}
