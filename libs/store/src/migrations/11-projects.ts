import type { MigrationInterface, QueryRunner } from 'typeorm';
import { projectIn } from '../scoped-names.js';

/** Backends and frontends of one project are listed by an index. Their names are scoped names. */
const STATEMENTS = [
  `create index backends_by_project on backends ((${projectIn('name')}), name)`,
  `create index frontends_by_project on frontends ((${projectIn('name')}), name)`,
];

export class Projects11 implements MigrationInterface {
  readonly name = 'Projects1700000000011';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
