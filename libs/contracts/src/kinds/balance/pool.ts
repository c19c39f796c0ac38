import type { FieldError } from '../../errors.js';
import { PROXY_PROTOCOLS } from '../../node-state/listener-tls.js';
import { ALGORITHMS } from '../../node-state/node-state.js';
import { isPrime } from '../../prime.js';
import { oneOf, type Schema, shape, taggedBy, TEXT, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import { type AffinitySpec, DEFAULT_ALGORITHM, type PoolSpec } from './load-balancer-specs.js';
import { addressErrors, inlineBackends, type InlineMember, POOL_BACKENDS } from './pool-backends.js';
import { BALANCE_API } from './specs.js';

/** Sizes that a Maglev table may have: the largest is the one that the paper's authors measured. */
export const TABLE_SIZES = { least: 251, most: 655_373 } as const;

const AFFINITY: Schema = taggedBy('type', [
  shape<Extract<AffinitySpec, { type: 'source-ip' }>>(
    { type: oneOf(['source-ip']) },
    { timeout: text('duration') },
  ),
  shape<Exclude<AffinitySpec, { type: 'source-ip' }>>({
    type: oneOf(['http-cookie', 'app-cookie']),
    cookie: text('cookie-name'),
  }),
]);

/** Backends that serve alike; which Listeners they serve is said there. spec/balance "Resources". */
export const POOL: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Pool',
  schema: shape<PoolSpec>(
    {},
    {
      description: TEXT,
      algorithm: oneOf(ALGORITHMS),
      tableSize: wholeNumber(TABLE_SIZES.least, TABLE_SIZES.most),
      affinity: AFFINITY,
      proxyProtocol: oneOf(PROXY_PROTOCOLS),
      backends: POOL_BACKENDS,
    },
  ),
  checkFields(resource) {
    return tableErrors(specOf<PoolSpec>(resource));
  },
  checkReferences(resource, lookup) {
    const members = poolMembers(resource.metadata.name, specOf<PoolSpec>(resource));
    return [
      ...members.flatMap(({ pointer, backend }) => checkReference(pointer, BACKEND, backend, lookup)),
      ...addressErrors(members, lookup),
    ];
  },
};

/** The backends written inside a Pool. */
export function poolMembers(name: string, { backends }: PoolSpec): InlineMember[] {
  return inlineBackends(name, backends, '/spec');
}

/** A table whose size is no prime would leave some of its slots to nobody. Reference load-balancing 6. */
function tableErrors({ algorithm = DEFAULT_ALGORITHM, tableSize }: PoolSpec): readonly FieldError[] {
  if (tableSize === undefined) return [];
  const pointer = '/spec/tableSize';
  if (algorithm !== 'maglev')
    return [{ pointer, message: `is of maglev only: the algorithm is ${algorithm}` }];
  return isPrime(tableSize) ? [] : [{ pointer, message: 'must be a prime, such as 251, 4093 or 65537' }];
}
