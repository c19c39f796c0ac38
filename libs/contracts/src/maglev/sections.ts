import { BACKEND } from '../kinds/balance/backend.js';
import { FRONTEND } from '../kinds/balance/frontend.js';
import { HEALTH_CHECK } from '../kinds/balance/health-check.js';
import { HEALTH_CHECKER } from '../kinds/balance/health-checker.js';
import { VPP_DATA_PLANE } from '../kinds/balance/vpp-data-plane.js';
import type { Kind } from '../kinds/kind.js';
import { mapOf, type Schema } from '../schema/shape.js';
import { fileObject, fileSchema } from './key-case.js';

/** A part of the file that becomes resources of one kind: one called `default`, or one for each name. */
export interface Section {
  readonly kind: Kind;
  /** Keys that lead to it below `maglev`. */
  readonly path: readonly string[];
  readonly named: boolean;
}

/** Reference maglev 2.2. */
export const SECTIONS: readonly Section[] = [
  { kind: HEALTH_CHECKER, path: ['healthchecker'], named: false },
  { kind: VPP_DATA_PLANE, path: ['vpp', 'lb'], named: false },
  { kind: HEALTH_CHECK, path: ['healthchecks'], named: true },
  { kind: BACKEND, path: ['backends'], named: true },
  { kind: FRONTEND, path: ['frontends'], named: true },
];

/**
 * Structure of the file: its keys and their types, both ours and those of the reference (2.2-2.7), nothing else. It is
 * made from the schemas of the kinds, so that the file and the resources always say the same.
 */
export const MAGLEV_FILE: Schema = fileObject({
  maglev: fileObject({
    healthchecker: fileSchema(HEALTH_CHECKER.schema as Schema),
    vpp: fileObject({ lb: vppSchema() }),
    healthchecks: mapOf(fileSchema(HEALTH_CHECK.schema as Schema)),
    backends: mapOf(fileWithout(BACKEND, 'port')),
    frontends: mapOf(fileWithout(FRONTEND, 'algorithm')),
  }),
});

/** The file keeps its form: there the check says the port, and the data plane says how connections are spread. */
function fileWithout({ schema }: Kind, member: string): Schema {
  const members = fileSchema(schema as Schema)['properties'] as Record<string, Schema>;
  const { [member]: _, ...others } = members;
  return fileObject(others);
}

/** The file may give `flow-timeout` as a number: seconds, as the data plane counts them. */
function vppSchema(): Schema {
  const written = fileSchema(VPP_DATA_PLANE.schema as Schema);
  const members = written['properties'] as Record<string, Schema>;
  return fileObject({ ...members, 'flow-timeout': { type: ['string', 'number'] } });
}
