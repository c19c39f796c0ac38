import type { EntityManager } from 'typeorm';
import { groupBy } from '../domain/group-by.js';

/** A target with the state of its backend and the last override, which may be over. */
export interface TargetViewRow {
  readonly frontend: string;
  readonly pool: string;
  readonly backend: string;
  readonly since: string;
  readonly address: string | null;
  readonly port: number | null;
  readonly weight: number;
  readonly effective: number;
  readonly flush: boolean;
  readonly rule: string;
  readonly why: string;
  readonly backend_state: string | null;
  /** Its health check; null for static backends. */
  readonly backend_check: string | null;
  readonly override: string | null;
}

/** Targets by the frontend or listener that has them, all names scoped. */
export async function targetsOf(
  tx: EntityManager,
  frontends: readonly string[],
): Promise<ReadonlyMap<string, readonly TargetViewRow[]>> {
  const rows = await tx.query<TargetViewRow[]>(
    `select t.*, (select b.state from backends b where b.name = t.backend) as backend_state,
            (select b.healthcheck from backends b where b.name = t.backend) as backend_check, o.body as override
       from frontend_targets t
       left join weight_overrides o on (o.frontend, o.pool, o.backend) = (t.frontend, t.pool, t.backend)
      where t.frontend = any($1)`,
    [frontends],
  );
  return groupBy(rows, ({ frontend }) => frontend);
}
