import { Injectable } from '@nestjs/common';
import {
  compileFrontend,
  type LoadBalancerSpec,
  readScopedName,
  type Resource,
  scopedName,
  specOf,
  toldProject,
  type Vip,
  writtenVip,
} from '@signalbox/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import { type Page, pageOf } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import { worstOf } from '../domain/listener-status.js';
import { type AttachedListener, listenersOf } from './attached-listeners.js';
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from './declared-rows.js';
import type { FrontendsQuery } from './frontends.dto.js';
import { noSuch } from './in-project.js';
import { statusOf } from './listener-view.js';
import type { ListenerDto, ListenerStatusDto } from './listeners.dto.js';
import { ListenersReader } from './listeners.reader.js';
import type { LoadBalancerDto, LoadBalancerTreeDto } from './loadbalancers.dto.js';
import { originOf } from './origin.js';
import { type Placements, PlacementsReader } from './placements.reader.js';
import { claimsOf, vipOfClaim } from './vip-rows.js';

const KINDS = ['Frontend', 'LoadBalancer'] as const;

/** Reads of load balancers; several tables are read in one snapshot. */
@Injectable()
export class LoadBalancersReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly listeners: ListenersReader,
    private readonly placements: PlacementsReader,
  ) {}

  /** By project and name. */
  async list({ project, limit, after }: FrontendsQuery): Promise<Page<LoadBalancerDto>> {
    const behind = after === undefined ? undefined : placeOf(after);
    const placements = await this.placements.read();
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await listDeclared(tx, KINDS, { project, behind, limit: limit + 1 });
      const views = await this.viewsOf(tx, rows, placements);
      return pageOf(rows, limit, (row) => views.get(row)!, keyOfRow);
    });
  }

  /** Throws `not-found`. */
  async get(scoped: string): Promise<LoadBalancerDto> {
    const placements = await this.placements.read();
    const found = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await findDeclared(tx, KINDS, scoped);
      return [...(await this.viewsOf(tx, rows, placements)).values()][0];
    });
    if (found) return found;
    throw noSuch('load balancer', scoped, 'loadbalancers');
  }

  /** One with everything below it, as of one moment. Throws `not-found`. */
  async tree(scoped: string): Promise<LoadBalancerTreeDto> {
    const placements = await this.placements.read();
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await findDeclared(tx, KINDS, scoped);
      const [view] = (await this.viewsOf(tx, rows, placements)).values();
      if (!view) throw noSuch('load balancer', scoped, 'loadbalancers');
      const { project } = readScopedName(scoped);
      const names = view.listeners.map(({ name }) => scopedName(project, name));
      const known = await this.listeners.read(tx, names, placements);
      return { ...view, tree: names.flatMap((name) => known.get(name) ?? []) };
    });
  }

  private async viewsOf(
    tx: EntityManager,
    rows: readonly DeclaredRow[],
    placements: Placements,
  ): Promise<ReadonlyMap<DeclaredRow, LoadBalancerDto>> {
    const attached = await listenersOf(tx, rows);
    const known = await this.listeners.read(
      tx,
      attached.map(({ listener }) => listener),
      placements,
    );
    const claims = await claimsOf(
      tx,
      rows.flatMap((row) => claimOf(row) ?? []),
    );
    const grouped = groupBy(attached, ({ loadBalancer }) => loadBalancer);
    return new Map(
      rows.map((row) => {
        const own = grouped.get(scopedName(row.project, row.name)) ?? [];
        const claim = claimOf(row);
        const vip = claim === undefined ? undefined : vipOfClaim(claim, claims.get(claim));
        return [
          row,
          loadBalancerView(
            row,
            vip,
            own.map((one) => listenerStatus(one, known.get(one.listener))),
          ),
        ];
      }),
    );
  }
}

/** A listener that `balancer` has not recorded yet is on its way. */
function listenerStatus(
  { listener, spec }: AttachedListener,
  known: ListenerDto | undefined,
): ListenerStatusDto {
  const about = {
    name: readScopedName(listener).name,
    protocol: spec.protocol ?? ('any' as const),
    port: spec.port ?? 0,
  };
  if (!known) {
    const reason = 'balancer has not recorded it yet';
    return { ...about, ...statusOf({ status: 'pending', reason }, { status: 'offline', reason }) };
  }
  const { provisioningStatus, provisioningReason, operatingStatus, operatingReason } = known;
  return {
    ...about,
    provisioningStatus,
    ...(provisioningReason !== undefined && { provisioningReason }),
    operatingStatus,
    ...(operatingReason !== undefined && { operatingReason }),
  };
}

/** Scoped name of the claim that it has its address from. */
function claimOf({ kind, project, body }: DeclaredRow): string | undefined {
  if (kind !== 'LoadBalancer') return undefined;
  const { vipClaim } = specOf<LoadBalancerSpec>(JSON.parse(body) as Resource);
  return vipClaim === undefined ? undefined : scopedName(project, vipClaim);
}

/** `vip`: what its claim comes to, when it has one. */
function loadBalancerView(
  row: DeclaredRow,
  vip: Vip | undefined,
  listeners: readonly ListenerStatusDto[],
): LoadBalancerDto {
  const resource = JSON.parse(row.body) as Resource;
  const declaredBy = row.kind as LoadBalancerDto['declaredBy'];
  const { loadBalancer } = declaredBy === 'Frontend' ? compileFrontend(resource) : { loadBalancer: resource };
  const { description = '', vipClaim, enabled = true } = specOf<LoadBalancerSpec>(loadBalancer);
  const place = vip ?? writtenVip(loadBalancer);
  const worst = worstOf(
    listeners.map(({ provisioningStatus, operatingStatus }) => ({
      provisioning: { status: provisioningStatus },
      operating: { status: operatingStatus },
    })),
  );
  return {
    name: row.name,
    ...toldProject(scopedName(row.project, row.name)),
    declaredBy,
    description,
    ...('address' in place && { address: place.address }),
    ...(vipClaim !== undefined && { vipClaim }),
    enabled,
    provisioningStatus: worst.provisioning,
    operatingStatus: worst.operating,
    listeners,
    origin: originOf(row),
  };
}
