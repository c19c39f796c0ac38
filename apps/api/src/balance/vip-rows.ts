import type { VipHolder, Vip } from '@signalbox/contracts';
import { VipHolderRow } from '@signalbox/store';
import type { EntityManager } from 'typeorm';

/** What `balancer` recorded of these claims, by their scoped names. */
export async function claimsOf(
  tx: EntityManager,
  names: readonly string[],
): Promise<ReadonlyMap<string, VipHolderRow>> {
  const kind: VipHolder['kind'] = 'VipClaim';
  const rows = await tx
    .createQueryBuilder(VipHolderRow, 'h')
    .where('h.kind = :kind and h.name = any(:names)', { kind, names })
    .getMany();
  return new Map(rows.map((row) => [row.name, row]));
}

/** Where what names a claim is; `claim`: its scoped name. */
export function vipOfClaim(claim: string, row: VipHolderRow | undefined): Vip {
  if (row && row.address !== null) return { address: row.address };
  return { waits: row?.reason ?? `VipClaim/${claim} has no address yet` };
}
