import { Injectable } from '@nestjs/common';
import {
  type AnnouncementSpec,
  BALANCE_API,
  canonicalAddress,
  CodedError,
  familyOf,
  type Resource,
  scopedName,
  specOf,
} from '@signalbox/contracts';
import { NodeVipRow, vipReportOfRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { type Page, pageOf } from '../domain/cursor.js';
import { groupBy } from '../domain/group-by.js';
import { whyNotAnnounced } from '../domain/why-not-announced.js';
import { AgentsHeard } from './agents-heard.js';
import { listenersOf } from './attached-listeners.js';
import type { ListenerDto } from './listeners.dto.js';
import { ListenersReader } from './listeners.reader.js';
import { type Placements, PlacementsReader } from './placements.reader.js';
import { listVips, usersOfVips } from './vip-places.js';
import type { NodeVipDto, VipDto, VipListenerDto, VipsQuery } from './vips.dto.js';

/** What is read of VIPs: of one project, or of all. */
interface Asked {
  readonly project?: string | undefined;
  readonly placements: Placements;
}

/** Reads of VIPs by their addresses; several tables are read in one snapshot. */
@Injectable()
export class VipsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly listeners: ListenersReader,
    private readonly placements: PlacementsReader,
    private readonly agents: AgentsHeard,
  ) {}

  /** In the order of addresses. */
  async list({ project, limit, after }: VipsQuery): Promise<Page<VipDto>> {
    const placements = await this.placements.read();
    const page = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const addresses = await listVips(tx, { project, after, limit: limit + 1 });
      const views = await this.viewsOf(tx, addresses, { project, placements });
      return pageOf(
        addresses,
        limit,
        (address) => views.get(address)!,
        (address) => [address],
      );
    });
    return { ...page, items: await this.withSilence(page.items) };
  }

  /** One VIP, in any spelling. Throws `not-found`: nothing is declared at it, and no node tells of it. */
  async get(spelt: string, project: string | undefined): Promise<VipDto> {
    const placements = await this.placements.read();
    const found = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      if (familyOf(spelt) === undefined) return undefined;
      const address = canonicalAddress(spelt);
      return (await this.viewsOf(tx, [address], { project, placements })).get(address);
    });
    if (found && (found.listeners.length > 0 || found.nodes.length > 0))
      return (await this.withSilence([found]))[0]!;
    throw new CodedError('not-found', `there is no VIP ${spelt}: GET /v1/vips lists what there is`);
  }

  /** The same, and of which nodes the agents do not answer now. */
  private async withSilence(vips: readonly VipDto[]): Promise<VipDto[]> {
    const silent = await this.agents.silentOf(vips.flatMap(({ nodes }) => nodes.map(({ node }) => node)));
    return vips.map((vip) => ({
      ...vip,
      nodes: vip.nodes.map((one) => (silent.has(one.node) ? { ...one, silent: true } : one)),
    }));
  }

  private async viewsOf(
    tx: EntityManager,
    addresses: readonly string[],
    { project, placements }: Asked,
  ): Promise<ReadonlyMap<string, VipDto>> {
    const users = await usersOfVips(tx, addresses, project);
    const attached = groupBy(await listenersOf(tx, users), ({ loadBalancer }) => loadBalancer);
    const namesAt = groupBy(
      users.flatMap((user) =>
        (attached.get(scopedName(user.project, user.name)) ?? []).map(({ listener }) => ({
          address: user.address,
          listener,
        })),
      ),
      ({ address }) => address,
    );
    const names = [...new Set([...namesAt.values()].flat().map(({ listener }) => listener))];
    const known = await this.listeners.read(tx, names, placements);
    const ofProject = project === undefined ? addresses : [...namesAt.keys()];
    const nodes = await nodesOf(tx, ofProject);
    const pools = await poolsOf(tx, addresses);
    const announced = await announcedPools(tx);
    return new Map(
      addresses.map((address): [string, VipDto] => {
        const own = [...new Set((namesAt.get(address) ?? []).map(({ listener }) => listener))].sort();
        const listeners = own.flatMap((name) => known.get(name) ?? []);
        const told = nodes.get(address) ?? [];
        const pool = pools.get(address);
        const why = whyNotAnnounced({
          nodes: told,
          listeners: listeners.map(({ name, provisioningStatus, provisioningReason }) => ({
            name,
            ...(provisioningStatus === 'unplaced' && { unplaced: provisioningReason ?? 'no node serves it' }),
          })),
          ...(pool !== undefined && { pool }),
          isToBeAnnounced: pool !== undefined && announced.has(pool),
        });
        return [
          address,
          { address, listeners: listeners.map(vipListener), nodes: told, ...(why !== undefined && { why }) },
        ];
      }),
    );
  }
}

function vipListener(listener: ListenerDto): VipListenerDto {
  const { name, project, protocol, port, activePool, pools } = listener;
  const { provisioningStatus, provisioningReason, operatingStatus, operatingReason } = listener;
  const active = pools.find((pool) => pool.name === activePool)?.backends ?? [];
  return {
    name,
    ...(project !== undefined && { project }),
    ...{ protocol, port, provisioningStatus },
    ...(provisioningReason !== undefined && { provisioningReason }),
    operatingStatus,
    ...(operatingReason !== undefined && { operatingReason }),
    activePool,
    usableTargets: active.filter(({ effective }) => effective > 0).length,
    targets: active.length,
  };
}

/** What nodes say of these VIPs. */
async function nodesOf(
  tx: EntityManager,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, readonly NodeVipDto[]>> {
  const rows = await tx
    .createQueryBuilder(NodeVipRow, 'v')
    .where('v.address::inet = any(:addresses::inet[])', { addresses })
    .orderBy('v.node', 'ASC')
    .getMany();
  const told = rows.map((row): NodeVipDto & { address: string } => ({
    node: row.node,
    ...vipReportOfRow(row),
  }));
  const grouped = groupBy(told, ({ address }) => canonicalAddress(address));
  return new Map([...grouped].map(([address, all]) => [address, all.map(({ address: _, ...dto }) => dto)]));
}

/** The VipPools of these VIPs, of those that lie in one. */
async function poolsOf(
  tx: EntityManager,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ address: string; pool: string }[]>(
    `select given.address, held.pool from unnest($1::text[]) as given(address)
      cross join lateral (select pool from vip_holders where address = given.address limit 1) held`,
    [addresses],
  );
  return new Map(rows.map(({ address, pool }) => [address, pool]));
}

/** VipPools that an Announcement is for. */
async function announcedPools(tx: EntityManager): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ body: string }[]>(
    `select body from effective_resources where api_version = '${BALANCE_API}' and kind = 'Announcement'`,
  );
  return new Set(rows.flatMap(({ body }) => specOf<AnnouncementSpec>(JSON.parse(body) as Resource).vipPools));
}
