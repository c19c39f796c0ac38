import type { Document } from '../document.js';
import { CodedError, type FieldError } from '../errors.js';
import { pointerToken } from '../json-pointer.js';
import { FRONTEND } from '../kinds/balance/frontend.js';
import { SINGLETON_NAME } from '../kinds/balance/specs.js';
import { VPP_DATA_PLANE } from '../kinds/balance/vpp-data-plane.js';
import { compileSchema } from '../schema/compile.js';
import type { Schema } from '../schema/shape.js';
import { toFilePath, toSpec, withoutEmpty } from './key-case.js';
import { MAGLEV_FILE, type Section, SECTIONS } from './sections.js';

/** The set that owns what a maglev.yaml declares, so that what leaves the file is removed. */
export const MAGLEV_SET = 'maglev';

type Entry = Readonly<Record<string, unknown>>;

const checkStructure = compileSchema(MAGLEV_FILE, 'all');

/** Whether a document means to be a maglev.yaml: it has the key `maglev` and is no resource. */
export function isMaglevFile(value: unknown): value is Entry {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'maglev') &&
    !Object.hasOwn(value, 'kind')
  );
}

/** Keys of a maglev.yaml that it cannot have, and values of a wrong type; pointers start at the file. */
export function structureErrors(value: Entry): readonly FieldError[] {
  return checkStructure(tidy(value));
}

/** `bad-maglev` with the first error in its message. */
export function badMaglev(errors: readonly FieldError[]): CodedError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const what = `the maglev.yaml does not follow its schema: ${first?.pointer} ${first?.message}${more}`;
  return new CodedError('bad-maglev', what, errors);
}

/**
 * The resources that a maglev.yaml without {@link structureErrors} declares, not yet validated, as a document of the
 * set `maglev`; its pointers lead into the file, in the words of the file.
 */
export function maglevDocument(value: Entry): Document {
  const { maglev } = tidy(value) as { maglev: Entry };
  const declared = SECTIONS.flatMap((section) => declarationsOf(section, maglev));
  return {
    set: MAGLEV_SET,
    resources: declared.map(({ resource }) => resource),
    pointerOf(at, inside) {
      const [, member, ...path] = inside.split('/');
      const { pointer = '', section } = declared[at] ?? {};
      if (member !== 'spec') return pointer;
      return [pointer, ...toFilePath(path, section?.kind.schema as Schema | undefined)].join('/');
    },
  };
}

interface Declaration {
  readonly section: Section;
  readonly pointer: string;
  readonly resource: object;
}

function declarationsOf(section: Section, maglev: Entry): readonly Declaration[] {
  const { kind, path, named } = section;
  const found = path.reduce<Entry | undefined>((entry, key) => entry?.[key] as Entry | undefined, maglev);
  if (found === undefined) return [];
  const place = `/maglev/${path.join('/')}`;
  const entries = named
    ? Object.entries(found).map(([name, entry]) => [name, entry, `${place}/${pointerToken(name)}`] as const)
    : [[SINGLETON_NAME, found, place] as const];
  return entries.map(([name, entry, pointer]) => {
    const { apiVersion, kind: kindName, schema } = kind;
    const spec = inWordsOfKind(section, toSpec(entry, schema as Schema) as Entry);
    return { section, pointer, resource: { apiVersion, kind: kindName, metadata: { name }, spec } };
  });
}

/** What the file may say in another way than the kind. */
function inWordsOfKind({ kind }: Section, spec: Entry): Entry {
  const { flowTimeout, pools } = spec;
  if (kind === VPP_DATA_PLANE && typeof flowTimeout === 'number')
    return { ...spec, flowTimeout: `${flowTimeout}s` };
  // The file is all there is: a pool that names no backend has none, it does not wait for PoolMembers.
  if (kind === FRONTEND && Array.isArray(pools))
    return { ...spec, pools: pools.map((pool: Entry) => ({ backends: {}, ...pool })) };
  return spec;
}

function tidy(value: Entry): Entry {
  return withoutEmpty({ ...value, maglev: value['maglev'] ?? {} }, MAGLEV_FILE) as Entry;
}
