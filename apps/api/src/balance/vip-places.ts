import { BALANCE_API, canonicalAddress, CodedError, familyOf } from '@signalbox/contracts';
import { nameIn, WRITES_VIP, WRITTEN_VIP } from '@signalbox/store';
import type { EntityManager } from 'typeorm';
import { decodeCursor } from '../domain/cursor.js';
import type { DeclaredRow } from './declared-rows.js';

/** A Frontend or a LoadBalancer at a VIP. */
export interface VipUser extends Pick<DeclaredRow, 'kind' | 'project' | 'name' | 'body'> {
  readonly address: string;
}

/**
 * Addresses of VIPs in their order, IPv4 first: those that are written, those that somebody holds, and, unless it is about one project,
 * those that nodes tell of. `after`: a cursor. Throws `validation-failed`.
 */
export async function listVips(
  tx: EntityManager,
  {
    project,
    after,
    limit,
  }: { readonly project?: string | undefined; readonly after: string | undefined; limit: number },
): Promise<string[]> {
  const values: unknown[] = [limit];
  const value = (one: unknown): string => `$${values.push(one)}`;
  const behind = after === undefined ? undefined : value(placeOf(after));
  const ofProject = project === undefined ? 'true' : `project = ${value(project)}`;
  const from = (table: string, place: string, where: string): string =>
    `(select distinct ${place} as place from ${table}
       where ${where} and ${behind === undefined ? 'true' : `${place} > ${behind}::inet`} order by place limit $1)`;
  const sources = [
    from('effective_resources', WRITTEN_VIP, `${WRITES_VIP} and ${ofProject}`),
    from('vip_holders', 'address::inet', `address is not null and ${ofProject}`),
    ...(project === undefined ? [from('node_vips', 'address::inet', 'true')] : []),
  ];
  const rows = await tx.query<{ address: string }[]>(
    `select host(place) as address from (${sources.join(' union ')}) of_all order by place limit $1`,
    values,
  );
  return rows.map(({ address }) => address);
}

/** What is declared at these VIPs, also by a claim; of one project, or of all. */
export function usersOfVips(
  tx: EntityManager,
  addresses: readonly string[],
  project: string | undefined,
): Promise<VipUser[]> {
  const ofProject = project === undefined ? 'true' : 'e.project = $2';
  return tx.query<VipUser[]>(
    `select host(given.place) as address, e.kind, e.project, e.name, e.body
       from unnest($1::inet[]) as given(place)
      cross join lateral (
        select kind, project, name, body from effective_resources
         where ${WRITES_VIP} and ${WRITTEN_VIP} = given.place
        union all
        select e.kind, e.project, e.name, e.body
          from vip_holders h join effective_resources e on e.api_version = '${BALANCE_API}' and e.kind = 'LoadBalancer'
           and e.project = h.project and e.body::jsonb #>> '{spec,vipClaim}' = ${nameIn('h.name')}
         where h.address is not null and h.address::inet = given.place and h.kind = 'VipClaim') e
      where ${ofProject} order by e.project, e.name, e.kind`,
    project === undefined ? [addresses] : [addresses, project],
  );
}

function placeOf(cursor: string): string {
  const [address] = decodeCursor(cursor, ['string']).map(String);
  if (familyOf(address!) === undefined)
    throw new CodedError('validation-failed', 'after is not a cursor of this list', [
      { pointer: '/after', message: 'must be the "next" of an earlier answer of the same list' },
    ]);
  return canonicalAddress(address!);
}
