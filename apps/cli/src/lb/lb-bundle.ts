import {
  BALANCE_API,
  DEFAULT_PROJECT,
  type Resource,
  ROUTER_API,
  type RouterDocument,
  scopedName,
} from '@signalbox/contracts';
import { usageFailure } from '../failure.js';
import { readBackend, readCheck, readVip } from './endpoint-words.js';

/** A load balancer with one listener, as its command line says it. */
export interface WrittenLb {
  readonly name: string;
  /** `address:port`, or `auto:port` for an address that the site hands out. */
  readonly vip: string;
  /** The VipPool that hands it out; absent: any. */
  readonly vipPool?: string;
  readonly protocol: string;
  readonly algorithm?: string;
  readonly forwarding?: string;
  readonly backend: readonly string[];
  readonly check?: string;
  readonly project?: string;
}

const NEXT = 'signalbox lb add --help';

/** How a check of the short form probes; another one is written as YAML. */
const CHECK = { interval: '2s', timeout: '1s' } as const;

/**
 * One bundle with everything of it, so that adding it again replaces it and removing it removes all of it at once. Throws a
 * usage failure.
 */
export function lbBundle(lb: WrittenLb): RouterDocument {
  const { name, protocol, algorithm, forwarding, check } = lb;
  const { address, port } = readVip(lb.vip, NEXT);
  if (address !== undefined && lb.vipPool !== undefined)
    throw usageFailure(`--vip-pool ${lb.vipPool} needs auto:PORT in the place of ${lb.vip}`, NEXT);
  const backends = lb.backend.map((text, at) => readBackend(text, `${name}-${at + 1}`, NEXT));
  const made = (kind: string, called: string, spec: object): Resource => ({
    apiVersion: BALANCE_API,
    kind,
    metadata: { name: called, ...(lb.project !== undefined && { project: lb.project }) },
    spec: { ...spec },
  });
  const probe = check === undefined ? undefined : readCheck(check, NEXT);
  return bundleOf(lb, [
    ...(probe
      ? [
          made('HealthCheck', name, {
            ...{ type: probe.type, ...CHECK },
            ...(probe.type === 'http' && { params: { path: probe.path } }),
          }),
        ]
      : []),
    ...backends.map((backend) =>
      made('Backend', backend.name, {
        ...{ address: backend.address, port: backend.port },
        ...(probe && { healthcheck: name }),
      }),
    ),
    made('Pool', name, {
      ...(algorithm !== undefined && { algorithm }),
      ...(backends.length > 0 && { backends: Object.fromEntries(backends.map((one) => [one.name, {}])) }),
    }),
    ...(address === undefined
      ? [made('VipClaim', name, { ...(lb.vipPool !== undefined && { pool: lb.vipPool }) })]
      : []),
    made('LoadBalancer', name, address === undefined ? { vipClaim: name } : { address }),
    made('Listener', name, {
      ...{ loadBalancer: name, protocol, port, pools: [name] },
      ...(forwarding !== undefined && { forwarding }),
    }),
  ]);
}

/** The bundle of a load balancer that is to go. */
export function emptyBundle(lb: Pick<WrittenLb, 'name' | 'project'>): RouterDocument {
  return bundleOf(lb, []);
}

function bundleOf(
  { name, project }: Pick<WrittenLb, 'name' | 'project'>,
  resources: readonly Resource[],
): RouterDocument {
  return {
    apiVersion: ROUTER_API,
    kind: 'Router',
    metadata: { name: `lb-${scopedName(project ?? DEFAULT_PROJECT, name)}` },
    spec: { resources },
  };
}
