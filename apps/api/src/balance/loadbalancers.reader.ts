import { Injectable } from '@nestjs/common';
import {
  BALANCE_API,
  compileFrontend,
  type ListenerSpec,
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
import { type DeclaredRow, findDeclared, keyOfRow, listDeclared, placeOf } from './declared-rows.js';
import type { FrontendsQuery } from './frontends.dto.js';
import { noSuch } from './in-project.js';
import { statusOf } from './listener-view.js';
import type { ListenerDto, ListenerStatusDto } from './listeners.dto.js';
import { ListenersReader } from './listeners.reader.js';
import type { LoadBalancerDto } from './loadbalancers.dto.js';
import { originOf } from './origin.js';
import { type Placements, PlacementsReader } from './placements.reader.js';
import { claimsOf, vipOfClaim } from './vip-rows.js';

const KINDS = ['Frontend', 'LoadBalancer'] as const;

/** A Listener that names a LoadBalancer, by scoped names. */
interface Attached {
  readonly loadBalancer: string;
  readonly listener: string;
  readonly spec: Partial<ListenerSpec>;
}

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

  private async viewsOf(
    tx: EntityManager,
    rows: readonly DeclaredRow[],
    placements: Placements,
  ): Promise<ReadonlyMap<DeclaredRow, LoadBalancerDto>> {
    const attached = [...rows.flatMap(ownListener), ...(await attachedTo(tx, rows))];
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

/** The one listener that a Frontend is. */
function ownListener(row: DeclaredRow): Attached[] {
  if (row.kind !== 'Frontend') return [];
  const name = scopedName(row.project, row.name);
  const { listener } = compileFrontend(JSON.parse(row.body) as Resource);
  return [{ loadBalancer: name, listener: name, spec: specOf<Partial<ListenerSpec>>(listener) }];
}

/** Listeners of LoadBalancers, by name. */
async function attachedTo(tx: EntityManager, rows: readonly DeclaredRow[]): Promise<Attached[]> {
  const declared = rows.filter(({ kind }) => kind === 'LoadBalancer');
  const found = await tx.query<{ project: string; name: string; body: string }[]>(
    `select e.project, e.name, e.body
       from unnest($1::text[], $2::text[]) as given(project, name)
       join effective_resources e on e.api_version = '${BALANCE_API}' and e.kind = 'Listener'
        and e.project = given.project and e.body::jsonb #>> '{spec,loadBalancer}' = given.name
      order by e.project, e.name`,
    [declared.map(({ project }) => project), declared.map(({ name }) => name)],
  );
  return found.map(({ project, name, body }) => {
    const spec = specOf<ListenerSpec>(JSON.parse(body) as Resource);
    return {
      loadBalancer: scopedName(project, spec.loadBalancer),
      listener: scopedName(project, name),
      spec,
    };
  });
}

/** A listener that `balancer` has not recorded yet is on its way. */
function listenerStatus({ listener, spec }: Attached, known: ListenerDto | undefined): ListenerStatusDto {
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
