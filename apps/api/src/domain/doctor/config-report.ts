import {
  type EventGroupSpec,
  type EventPeerSpec,
  FEDERATION_API,
  type FederationSloSpec,
  type Resource,
  specOf,
} from '@signalbox/contracts';
import type { Check } from './check.js';
import { federationChecks } from './federation-checks.js';
import type { GroupFacts, PeerFacts } from './federation-facts.js';
import { type DoctorReport, reportOf, type ReportWish } from './report.js';

/** What a check of a configuration says is wrong with it. */
export interface ConfigProblem {
  readonly pointer: string;
  readonly message: string;
}

/** What is told of a configuration alone: only checks that need no site. */
const OFFLINE: readonly string[] = ['expected-delivery-no-endpoint', 'open-membership'];

/**
 * The report of a configuration that no site runs: that of its groups and peers, and what an apply would refuse. Q6.
 * Takes resources that are not valid too.
 */
export function configReport(
  resources: readonly Resource[],
  problems: readonly ConfigProblem[],
  wish: ReportWish = {},
): DoctorReport {
  const groups = groupsOf(resources);
  const noEndpoint = groups.some(({ peers }) => peers.some(({ endpoint }) => endpoint.trim() === ''));
  const checks = [
    ...groups.flatMap(federationChecks).filter(({ code }) => OFFLINE.includes(code)),
    ...problems.map(problemCheck),
    ...(problems.length === 0 && !noEndpoint
      ? [
          {
            area: 'config',
            code: 'config-valid',
            name: 'config',
            status: 'pass',
            detail: `${resources.length} resources, as an apply would take them`,
          } as const,
        ]
      : []),
  ];
  return reportOf(checks, groups, wish);
}

function problemCheck({ pointer, message }: ConfigProblem): Check {
  return {
    area: 'config',
    code: 'config-invalid',
    name: pointer,
    status: 'fail',
    detail: message,
    remedy: 'correct it, and look again: signalbox config check FILE',
  };
}

function groupsOf(resources: readonly Resource[]): GroupFacts[] {
  const of = (kind: string): readonly Resource[] =>
    resources.filter((one) => one.apiVersion === FEDERATION_API && one.kind === kind);
  return of('EventGroup').map((group) => {
    const { name } = group.metadata;
    const spec = specOf<Partial<EventGroupSpec>>(group);
    const slo = of('FederationSLO').find((one) => specOf<FederationSloSpec>(one).groupRef === name);
    return {
      group: name,
      nodeName: spec.nodeName ?? '',
      ...(slo && { slo: specOf<FederationSloSpec>(slo) }),
      events: 0,
      ownEvents: 0,
      peers: of('EventPeer').flatMap((peer) => peerOf(peer, name)),
      runs: { total: 0, succeeded: 0, failed: 0, pending: 0 },
      hasMembers: (spec.members ?? []).length > 0,
      listens: spec.listen?.address !== undefined,
      senders: [],
    };
  });
}

function peerOf(resource: Resource, group: string): PeerFacts[] {
  const spec = specOf<Partial<EventPeerSpec>>(resource);
  if (spec.groupRef !== group) return [];
  const { endpoint = '', nodeName = '' } = spec;
  const nothing = { delivered: 0, failed: 0, pending: 0, staleTtl: 0, missing: 0 };
  return [{ peer: resource.metadata.name, nodeName, endpoint: String(endpoint), ...nothing }];
}
