import type { ResourceMetadata } from '../resource.js';
import { ANY_OBJECT, listOf, mapOf, NON_BLANK, type Schema, shape, TEXT, text } from './shape.js';

type OwnerRef = NonNullable<ResourceMetadata['ownerRefs']>[number];

const OPTIONAL = {
  project: text('project'),
  annotations: mapOf(TEXT),
  labels: mapOf(TEXT),
  ownerRefs: listOf(shape<OwnerRef>({ kind: NON_BLANK, name: NON_BLANK }, { apiVersion: NON_BLANK })),
} as const;

/** Metadata of a bundle as people may write them. Reference 2, architecture section 5 "Names". */
export const BUNDLE_METADATA: Schema = shape<Omit<ResourceMetadata, 'renamedFrom'>>(
  { name: text('resource-name') },
  OPTIONAL,
);

/** Metadata of a resource as people may write them. `renamedFrom` is ours. */
export const METADATA: Schema = shape<ResourceMetadata>(
  { name: text('resource-name') },
  { ...OPTIONAL, renamedFrom: text('resource-name') },
);

/** What every resource has, whatever its kind. `status` may be there, because `get` prints it; it is never kept. */
export const ENVELOPE: Schema = shape<{
  apiVersion: string;
  kind: string;
  metadata: object;
  spec: object;
  status?: unknown;
}>(
  { apiVersion: text('api-version'), kind: text('kind'), metadata: METADATA, spec: ANY_OBJECT },
  { status: {} },
);
