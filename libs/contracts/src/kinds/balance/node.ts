import { parseDuration } from '../../duration.js';
import type { FieldError } from '../../errors.js';
import { canonicalAddress, hostAddressProblem } from '../../ip-address.js';
import { NODE_DRIVERS } from '../../node-state/node-manifest.js';
import { listOf, oneOf, shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { repeated } from './listener-options.js';
import { BALANCE_API, type ListenMapEntry, type NodeSpec } from './specs.js';

/** Defaults of a Node. Reference maglev 2.4. */
export const NODE_DEFAULTS = {
  syncInterval: '30s',
  startupMinDelay: '5s',
  startupMaxDelay: '30s',
  flowTimeout: '40s',
} as const;

/** Most groups that a node may be in. */
const MAX_GROUPS = 100;

const PORT = wholeNumber(1, 65535);

/**
 * A load-balancing node. ADR 0023. The listeners that it names need not be declared: they may come from parts that come
 * and go.
 */
export const NODE: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Node',
  schema: shape<NodeSpec>(
    { driver: oneOf(NODE_DRIVERS) },
    {
      groups: listOf(text('resource-ref'), { maxItems: MAX_GROUPS }),
      zone: text('resource-ref'),
      routerId: text('ipv4'),
      listeners: listOf(text('resource-ref')),
      listenMap: listOf(
        shape<ListenMapEntry>({ vip: text('ip'), listen: text('ip') }, { port: PORT, listenPort: PORT }),
      ),
      syncInterval: text('duration'),
      startupMinDelay: text('duration-or-zero'),
      startupMaxDelay: text('duration-or-zero'),
      flowTimeout: text('duration'),
    },
  ),
  whyDefaultProject: 'a node serves all projects',
  checkFields(resource) {
    const spec = specOf<NodeSpec>(resource);
    return [
      ...repeated(spec.groups ?? [], (at) => `/spec/groups/${at}`, 'group'),
      ...routerIdErrors(spec),
      ...vipErrors(spec),
      ...delayErrors(spec),
    ];
  },
};

/** A router identifier is not zero. RFC 6286. */
function routerIdErrors({ routerId }: NodeSpec): readonly FieldError[] {
  return routerId === '0.0.0.0' ? [{ pointer: '/spec/routerId', message: 'must not be 0.0.0.0' }] : [];
}

function vipErrors({ listenMap = [] }: NodeSpec): readonly FieldError[] {
  const first = new Map<string, number>();
  return listenMap.flatMap(({ vip, port }, at): FieldError[] => {
    const problem = hostAddressProblem(vip);
    if (problem !== undefined) return [{ pointer: `/spec/listenMap/${at}/vip`, message: problem }];
    const place = `${canonicalAddress(vip)} ${port ?? ''}`;
    const other = first.get(place);
    if (other === undefined) first.set(place, at);
    else
      return [{ pointer: `/spec/listenMap/${at}`, message: `is about the VIP and port of entry ${other}` }];
    return [];
  });
}

function delayErrors(spec: NodeSpec): readonly FieldError[] {
  const { startupMinDelay, startupMaxDelay } = { ...NODE_DEFAULTS, ...spec };
  if (parseDuration(startupMaxDelay) >= parseDuration(startupMinDelay)) return [];
  return [
    {
      pointer: `/spec/${spec.startupMaxDelay === undefined ? 'startupMinDelay' : 'startupMaxDelay'}`,
      message: 'the release of VIPs (default 30s) must not end before the hands-off time (default 5s) does',
    },
  ];
}
