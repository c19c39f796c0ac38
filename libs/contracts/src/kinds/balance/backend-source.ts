import { isIP } from 'node:net';
import { parseDuration } from '../../duration.js';
import type { FieldError } from '../../errors.js';
import { DEFAULT_PROJECT } from '../../resource.js';
import { FLAG, listOf, NON_BLANK, oneOf, shape, TEXT, text, wholeNumber } from '../../schema/shape.js';
import { EVENT_GROUP } from '../event-group.js';
import type { Kind, ReferenceFieldError, ResourceLookup } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import {
  type BackendSourceSpec,
  type DnsSourceSpec,
  type FactSourceSpec,
  type FileSourceSpec,
  type KubernetesSourceSpec,
  SOURCE_DEFAULTS,
  SOURCE_RECORD_TYPES,
  SOURCE_WAYS,
  wayOf,
} from './backend-source-specs.js';
import { HEALTH_CHECK } from './health-check.js';
import { WEIGHT } from './pool-backends.js';
import { POOL } from './pool.js';
import { BALANCE_API } from './specs.js';
import { noPoolText } from './vip-claim.js';
import { VIP_POOL } from './vip-pool.js';
import type { VipPoolSpec } from './vip-specs.js';

/** Longest name of a source: the names of its Backends begin with it. */
const MAX_NAME = 128;
/** Most servers that a `dns` source may ask. */
const MAX_SERVERS = 8;
/** Most tags that a `facts` source may ask for. */
const MAX_TAGS = 32;

/** Backends that are known elsewhere: Services of Kubernetes, names, files, registrations. spec/balance "Discovery", ADR 0028. */
export const BACKEND_SOURCE: Kind = {
  apiVersion: BALANCE_API,
  kind: 'BackendSource',
  schema: shape<BackendSourceSpec>(
    {},
    {
      description: TEXT,
      pool: text('resource-ref'),
      healthCheck: text('resource-ref'),
      weight: WEIGHT,
      drain: text('duration-or-zero'),
      onUnavailable: oneOf(['hold', 'drain']),
      unavailableAfter: text('duration-or-zero'),
      maxRemovedPercent: wholeNumber(1, 100),
      facts: shape<FactSourceSpec>(
        { group: text('group-name'), type: text('fact-type') },
        {
          subject: NON_BLANK,
          retractType: text('fact-type'),
          tags: listOf(NON_BLANK, { minItems: 1, maxItems: MAX_TAGS }),
          ttl: text('duration'),
        },
      ),
      dns: shape<DnsSourceSpec>(
        { name: text('dns-name'), type: oneOf(SOURCE_RECORD_TYPES) },
        {
          port: wholeNumber(1, 65535),
          family: oneOf(['ipv4', 'ipv6']),
          servers: listOf(NON_BLANK, { minItems: 1, maxItems: MAX_SERVERS }),
          minInterval: text('duration'),
          maxInterval: text('duration'),
        },
      ),
      file: shape<FileSourceSpec>({ path: NON_BLANK }),
      kubernetes: shape<KubernetesSourceSpec>(
        { server: text('base-url') },
        {
          credentials: NON_BLANK,
          namespace: text('project'),
          selector: NON_BLANK,
          loadBalancerClass: NON_BLANK,
          vipPool: text('resource-ref'),
          writeStatus: FLAG,
        },
      ),
    },
  ),
  checkName(name) {
    if (name.length <= MAX_NAME) return [];
    const message = `must have at most ${MAX_NAME} characters: the names of its backends begin with it`;
    return [{ pointer: '/metadata/name', message }];
  },
  checkFields(resource) {
    const spec = specOf<BackendSourceSpec>(resource);
    const ways = SOURCE_WAYS.filter((way) => spec[way] !== undefined);
    if (ways.length === 0)
      return [{ pointer: '/spec', message: `must have one of ${SOURCE_WAYS.join(', ')}` }];
    if (ways.length > 1)
      return [{ pointer: `/spec/${ways[1]}`, message: `stands beside ${ways[0]}: write one of them` }];
    return [...poolErrors(spec), ...pathErrors(spec), ...factErrors(spec.facts), ...dnsErrors(spec.dns)];
  },
  checkReferences(resource, lookup) {
    const { pool, healthCheck, facts, kubernetes } = specOf<BackendSourceSpec>(resource);
    return [
      ...checkReference('/spec/pool', POOL, pool, lookup),
      ...checkReference('/spec/healthCheck', HEALTH_CHECK, healthCheck, lookup),
      ...checkReference('/spec/facts/group', EVENT_GROUP, facts?.group, lookup),
      ...vipPoolErrors(kubernetes?.vipPool, lookup),
    ];
  },
};

/** A pool that serves other projects only is told as one that is not there, as a VipClaim is told (ADR 0029). */
function vipPoolErrors(pool: string | undefined, lookup: ResourceLookup): readonly ReferenceFieldError[] {
  const pointer = '/spec/kubernetes/vipPool';
  const project = lookup.project ?? DEFAULT_PROJECT;
  const serving: ResourceLookup = (apiVersion, kind, name) => {
    const found = lookup(apiVersion, kind, name);
    const projects = found && specOf<VipPoolSpec>(found).projects;
    return projects === undefined || projects.includes(project) ? found : undefined;
  };
  return checkReference(pointer, VIP_POOL, pool, Object.assign(serving, { project })).map((error) => ({
    ...error,
    message: noPoolText(pool, project),
  }));
}

function poolErrors(spec: BackendSourceSpec): readonly FieldError[] {
  const pointer = '/spec/pool';
  if (wayOf(spec) !== 'kubernetes')
    return spec.pool === undefined
      ? [{ pointer, message: 'is required: the Pool that the backends join' }]
      : [];
  return spec.pool === undefined
    ? []
    : [{ pointer, message: 'is not of kubernetes: its Services bring Pools of their own' }];
}

/** No path leads out of the directory of sources: what a file says is sent to servers and shown. */
function pathErrors({ file, kubernetes }: BackendSourceSpec): readonly FieldError[] {
  const paths: readonly (readonly [string, string | undefined])[] = [
    ['/spec/file/path', file?.path],
    ['/spec/kubernetes/credentials', kubernetes?.credentials],
  ];
  return paths.flatMap(([pointer, path]) => {
    if (path === undefined || isBelow(path)) return [];
    return [
      { pointer, message: 'must be a relative path without "." and ".." below the directory of sources' },
    ];
  });
}

function isBelow(path: string): boolean {
  return path
    .split('/')
    .every((step) => step !== '' && step !== '.' && step !== '..' && !step.includes('\0'));
}

function factErrors(facts: FactSourceSpec | undefined): readonly FieldError[] {
  if (facts?.retractType === undefined || facts.retractType !== facts.type) return [];
  return [
    { pointer: '/spec/facts/retractType', message: 'is the type that registers: retract by another one' },
  ];
}

function dnsErrors(dns: DnsSourceSpec | undefined): readonly FieldError[] {
  if (!dns) return [];
  const { type, port, family, servers = [] } = dns;
  const pointer = '/spec/dns/port';
  const { dnsMinInterval, dnsMaxInterval } = SOURCE_DEFAULTS;
  const least = parseDuration(dns.minInterval ?? dnsMinInterval);
  const most = parseDuration(dns.maxInterval ?? dnsMaxInterval);
  return [
    ...(type !== 'SRV' && port === undefined
      ? [{ pointer, message: `is required of ${type}, which names no port` }]
      : []),
    ...(type === 'SRV' && port !== undefined
      ? [{ pointer, message: 'is not of SRV, which names ports' }]
      : []),
    ...(type !== 'SRV' && family !== undefined
      ? [{ pointer: '/spec/dns/family', message: `is not of ${type}, which says it itself` }]
      : []),
    ...(least <= most
      ? []
      : [
          {
            pointer: `/spec/dns/${dns.maxInterval === undefined ? 'minInterval' : 'maxInterval'}`,
            message: `minInterval (default ${dnsMinInterval}) is longer than maxInterval (default ${dnsMaxInterval})`,
          },
        ]),
    ...servers.flatMap((server, at) =>
      readDnsServer(server)
        ? []
        : [
            {
              pointer: `/spec/dns/servers/${at}`,
              message: 'must be an address, or one with a port such as 192.0.2.53:53 or [2001:db8::53]:53',
            },
          ],
    ),
  ];
}

/** A server as `dns.servers` names it; port 53 when none is given. Undefined when it is none. */
export function readDnsServer(text: string): { readonly address: string; readonly port: number } | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const [, six, four, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = six ?? four ?? '';
  const port = Number(digits);
  const family = six === undefined ? 4 : 6;
  return isIP(address) === family && port >= 1 && port <= 65535 ? { address, port } : undefined;
}
