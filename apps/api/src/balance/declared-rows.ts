import { BALANCE_API, readScopedName } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import { decodeCursor } from '../domain/cursor.js';
import type { ConfiguredRow } from './origin.js';

/** A resource of the effective config. */
export interface DeclaredRow extends ConfiguredRow {
  readonly kind: string;
  readonly project: string;
  readonly name: string;
}

/** What tells a resource from others. */
export type DeclaredPlace = Pick<DeclaredRow, 'kind' | 'project' | 'name'>;

/** Which part of a list is wanted. `behind`: the last one of the page before. */
export interface DeclaredPage {
  readonly project: string | undefined;
  readonly behind: DeclaredPlace | undefined;
  readonly limit: number;
}

const COLUMNS = 'kind, project, name, body, revision, part_source, part_generation';

/** Resources of these kinds together, by project, name and kind. */
export function listDeclared(
  tx: EntityManager,
  kinds: readonly string[],
  { project, behind, limit }: DeclaredPage,
): Promise<DeclaredRow[]> {
  const values: unknown[] = [];
  const value = (one: unknown): string => `$${values.push(one)}`;
  const most = value(limit);
  const ofProject = project === undefined ? 'true' : `project = ${value(project)}`;
  const last = behind && { project: value(behind.project), name: value(behind.name) };
  /** What stands behind the last one, of one kind: of a project the planner knows how many do, of pairs it guesses. */
  const placesOf = (kind: string): string[] => {
    if (!last) return ['true'];
    const ofSame = `project = ${last.project} and name ${behind.kind < kind ? '>=' : '>'} ${last.name}`;
    return project === undefined ? [ofSame, `project > ${last.project}`] : [ofSame];
  };
  const parts = kinds.flatMap((kind) =>
    placesOf(kind).map(
      (place) => `
      (select ${COLUMNS} from effective_resources
        where api_version = '${BALANCE_API}' and kind = '${kind}' and ${ofProject} and ${place}
        order by project, name limit ${most})`,
    ),
  );
  return tx.query<DeclaredRow[]>(
    `select * from (${parts.join(' union all ')}) of_all_kinds order by project, name, kind limit ${most}`,
    values,
  );
}

/** The key of a row in the cursor of a list, see {@link placeOf}. */
export function keyOfRow({ project, name, kind }: DeclaredRow): readonly string[] {
  return [project, name, kind];
}

/** The row that a cursor stands behind. Throws `validation-failed`. */
export function placeOf(cursor: string): DeclaredPlace {
  const [project, name, kind] = decodeCursor(cursor, ['string', 'string', 'string']).map(String);
  return { project: project!, name: name!, kind: kind! };
}

/** The one of a scoped name, whichever of these kinds it has. */
export function findDeclared(
  tx: EntityManager,
  kinds: readonly string[],
  scoped: string,
): Promise<DeclaredRow[]> {
  const { project, name } = readScopedName(scoped);
  return tx.query<DeclaredRow[]>(
    `select ${COLUMNS} from effective_resources
      where api_version = '${BALANCE_API}' and kind = any($1) and project = $2 and name = $3`,
    [kinds, project, name],
  );
}
