import { canonicalAddress } from '@signalbox/contracts';
import type { KubernetesService, ServiceIngress } from './kubernetes-objects.js';

/** What we know of a Service whose status is ours to write. */
export interface StatusCase {
  /** As the cluster told it last; absent: it left the source, or is no more. */
  readonly service?: KubernetesService;
  /** Addresses that it is served at, the primary family first; empty: none is known. Absent: the source does not serve it. */
  readonly vips?: readonly string[];
  /** What it said when it last said what we wrote; absent: it never did. */
  readonly ours?: readonly ServiceIngress[];
}

/**
 * What is to be done about a status: nothing; say these addresses; or take away what we wrote, on the condition that nobody else
 * has written since. An address that is not known, for now, is no reason to take one away.
 */
export type StatusStep =
  | { readonly type: 'nothing' }
  | { readonly type: 'say'; readonly ingress: readonly ServiceIngress[] }
  | { readonly type: 'take-away'; readonly ingress: readonly ServiceIngress[] };

/** How a Service is told that clients reach it at a VIP of which its nodes know nothing. Kubernetes API, LoadBalancerIngress. */
const IP_MODE = 'VIP';

const NOTHING: StatusStep = { type: 'nothing' };

/** The next step for a Service. */
export function statusStep({ service, vips, ours }: StatusCase): StatusStep {
  if (service && vips) {
    if (vips.length === 0 || saysVips(service.ingress, vips)) return NOTHING;
    return { type: 'say', ingress: vips.map((ip) => ({ ip, ipMode: IP_MODE })) };
  }
  if (!ours) return NOTHING;
  const isOurs = service === undefined || JSON.stringify(service.ingress) === JSON.stringify(ours);
  return isOurs ? { type: 'take-away', ingress: ours } : NOTHING;
}

/** What a Service says that is ours; undefined when it says nothing of ours. */
export function oursIn({
  service,
  vips = [],
}: Omit<StatusCase, 'ours'>): readonly ServiceIngress[] | undefined {
  return service && vips.length > 0 && saysVips(service.ingress, vips) ? service.ingress : undefined;
}

/**
 * Whether a status says these addresses, and no others. What a cluster adds to an address, or does not know yet of it, is no
 * difference: writing it again would change nothing.
 */
function saysVips(ingress: readonly ServiceIngress[], vips: readonly string[]): boolean {
  return (
    ingress.length === vips.length &&
    vips.every((vip, at) => {
      const { ip, ipMode = IP_MODE } = ingress[at]!;
      return typeof ip === 'string' && canonicalAddress(ip) === canonicalAddress(vip) && ipMode === IP_MODE;
    })
  );
}
