import {
  type BackendState,
  DEFAULT_ALGORITHM,
  type PoolSpec,
  readScopedName,
  type Resource,
  scopedName,
  specOf,
  toldProject,
} from '@signalbox/contracts';
import type { BackendRow } from '@signalbox/store';
import { groupBy } from '../domain/group-by.js';
import type { DeclaredRow } from './declared-rows.js';
import { targetView } from './frontend-view.js';
import { originOf } from './origin.js';
import type { MemberUseDto, PoolViewDto } from './pools.dto.js';
import type { TargetViewRow } from './target-rows.js';

/** One pool of a resource: of a Pool itself, of a Frontend one of its pools. */
export interface DeclaredPool {
  readonly row: DeclaredRow;
  /** Its place among the pools of the resource. */
  readonly at: number;
  readonly name: string;
  /** What the targets of its listeners call it. */
  readonly tier: string;
  readonly resource: Resource;
}

/** A listener that a pool serves, by its scoped name: as one of its pools, or because policies of it send requests there. */
export type PoolUse = { readonly listener: string } & (
  { readonly tier: number } | { readonly policies: readonly string[] }
);

/** What members are told by; all names are scoped. */
export interface PoolSources {
  /** By listener. */
  readonly targets: ReadonlyMap<string, readonly TargetViewRow[]>;
  /** Active pool of each listener that is recorded. */
  readonly recorded: ReadonlyMap<string, string>;
  readonly backends: ReadonlyMap<string, BackendRow>;
  readonly nowMs: number;
}

/** Scoped names of the backends that a pool names itself, in its order. */
export function writtenMembers({ row, resource }: DeclaredPool): string[] {
  return Object.keys(specOf<PoolSpec>(resource).backends ?? {}).map((name) => scopedName(row.project, name));
}

/** A pool with the listeners that it serves, and what each member is in each of them. */
export function poolMembersView(
  pool: DeclaredPool,
  uses: readonly PoolUse[],
  sources: PoolSources,
): PoolViewDto {
  const { row, name, tier, resource } = pool;
  const { description = '', algorithm = DEFAULT_ALGORITHM } = specOf<PoolSpec>(resource);
  const used = uses.flatMap(({ listener }) =>
    (sources.targets.get(listener) ?? []).filter((target) => target.pool === tier),
  );
  const ofBackend = groupBy(used, ({ backend }) => backend);
  const written = writtenMembers(pool);
  const brought = [...ofBackend.keys()].filter((backend) => !written.includes(backend)).sort();
  return {
    name,
    ...toldProject(scopedName(row.project, row.name)),
    declaredBy: row.kind as PoolViewDto['declaredBy'],
    description,
    algorithm,
    listeners: uses.map(({ listener, ...use }) => ({
      listener: readScopedName(listener).name,
      ...use,
      active:
        'tier' in use
          ? sources.recorded.get(listener) === tier
          : used.some(({ frontend }) => frontend === listener),
    })),
    members: [...written, ...brought].map((backend) =>
      memberView(backend, ofBackend.get(backend) ?? [], sources),
    ),
    origin: originOf(row),
  };
}

function memberView(
  backend: string,
  targets: readonly TargetViewRow[],
  { backends, nowMs }: PoolSources,
): PoolViewDto['members'][number] {
  const [first] = targets;
  const row = backends.get(backend);
  const address = first?.address ?? row?.address;
  const port = first ? first.port : row?.port;
  return {
    name: readScopedName(backend).name,
    ...(address !== undefined && { address }),
    ...(typeof port === 'number' && { port }),
    state: (first?.backend_state ?? row?.state ?? 'missing') as BackendState | 'missing',
    listeners: targets.map((target): MemberUseDto => ({
      listener: readScopedName(target.frontend).name,
      ...targetView(target, nowMs),
    })),
  };
}
