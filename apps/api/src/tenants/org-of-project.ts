import { orgOf, type Resource } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import { findDeclared } from '../balance/declared-rows.js';

/** The org that owns a project; undefined for one that nobody declared. */
export async function orgOfProject(tx: EntityManager, project: string): Promise<string | undefined> {
  const [row] = await findDeclared(tx, ['Project'], project);
  return row && orgOf(JSON.parse(row.body) as Resource);
}
