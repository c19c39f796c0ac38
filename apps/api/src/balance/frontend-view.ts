import {
  type BackendState,
  type FrontendPool,
  type FrontendSpec,
  type FrontendState,
  readScopedName,
  type Resource,
  timestampMs,
  toldProject,
  type WeightOverride,
  type WeightRule,
} from '@signalbox/contracts';
import type { FrontendDto, FrontendTargetDto, PoolDto, WeightOverrideDto } from './frontends.dto.js';
import { type ConfiguredRow, originOf } from './origin.js';
import type { TargetViewRow } from './target-rows.js';

/** A frontend as `balancer` recorded it last, with its resource. Names in rows are scoped. */
export interface FrontendViewRow extends ConfiguredRow {
  readonly name: string;
  readonly state: string;
  readonly since: string;
  readonly active_pool: string;
}

/** A frontend with its pools in the order of its resource, defaults filled in, and the overrides in force. */
export function frontendView(
  row: FrontendViewRow,
  targets: readonly TargetViewRow[],
  nowMs: number,
): FrontendDto {
  const { spec } = JSON.parse(row.body) as Resource;
  const { description, address, protocol, port, pools, srcIpSticky, flushOnDown, ...options } =
    spec as unknown as FrontendSpec;
  return {
    name: readScopedName(row.name).name,
    ...toldProject(row.name),
    description: description ?? '',
    address,
    protocol: protocol ?? 'any',
    port: port ?? 0,
    state: row.state as FrontendState,
    since: row.since,
    activePool: row.active_pool,
    srcIpSticky: srcIpSticky ?? false,
    flushOnDown: flushOnDown ?? true,
    ...options,
    pools: pools.map((pool) => poolView(pool, targets, nowMs)),
    origin: originOf(row),
  };
}

/** Members that the pool names itself come first, as written; the others are of PoolMember resources. */
export function poolView(
  { name, backends = {} }: FrontendPool,
  targets: readonly TargetViewRow[],
  nowMs: number,
): PoolDto {
  const written = new Map(Object.keys(backends).map((backend, index) => [backend, index]));
  const placeOf = ({ backend }: TargetViewRow): number =>
    written.get(readScopedName(backend).name) ?? written.size;
  const members = targets
    .filter(({ pool }) => pool === name)
    .sort((a, b) => placeOf(a) - placeOf(b) || (a.backend < b.backend ? -1 : 1));
  return { name, backends: members.map((member) => targetView(member, nowMs)) };
}

/** A target as people see it. */
export function targetView(row: TargetViewRow, nowMs: number): FrontendTargetDto {
  const { backend, address, port, weight, effective, flush, rule, why, since } = row;
  const override = row.override === null ? undefined : overrideView(row.override, nowMs);
  return {
    name: readScopedName(backend).name,
    ...(address !== null && { address }),
    ...(port !== null && { port }),
    state: (row.backend_state ?? 'missing') as BackendState | 'missing',
    enabled: row.backend_state !== 'disabled',
    weight,
    effective,
    flush,
    why: { rule: rule as WeightRule, text: why },
    since,
    ...(override && { override }),
  };
}

/** Undefined when its time is over: nobody journals that, the weight of the config just holds again. */
function overrideView(body: string, nowMs: number): WeightOverrideDto | undefined {
  const override = JSON.parse(body) as Extract<WeightOverride, { type: 'set' }>;
  const { weight, author, reason, at, expiresAt } = override;
  if (expiresAt !== undefined && timestampMs(expiresAt) <= nowMs) return undefined;
  return {
    weight,
    author,
    ...(reason !== undefined && { reason }),
    at,
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
