import type { FieldError } from '../../errors.js';
import { readIpRange } from '../../ip-range.js';
import { FLAG, listOf, NON_BLANK, shape, TEXT, text } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { BALANCE_API } from './specs.js';
import type { VipPoolSpec } from './vip-specs.js';

/** Most entries that a pool may list. */
const MAX_RANGES = 1000;

/** Addresses that the balancer may grant. ADR 0025. */
export const VIP_POOL: Kind = {
  apiVersion: BALANCE_API,
  kind: 'VipPool',
  schema: shape<VipPoolSpec>(
    { addresses: { ...listOf(NON_BLANK, { minItems: 1 }), maxItems: MAX_RANGES } },
    {
      description: TEXT,
      projects: listOf(text('project'), { minItems: 1 }),
      autoAssign: FLAG,
      avoidNetworkAndBroadcast: FLAG,
      quarantine: text('duration-or-zero'),
    },
  ),
  whyDefaultProject: 'a pool serves all projects, or those that its spec names',
  checkFields(resource) {
    return specOf<VipPoolSpec>(resource).addresses.flatMap((text, at): readonly FieldError[] => {
      const found = readIpRange(text);
      return typeof found === 'string' ? [{ pointer: rangePointer(at), message: found }] : [];
    });
  },
};

/** Where a VipPool names one of its ranges. */
export function rangePointer(at: number): string {
  return `/spec/addresses/${at}`;
}
