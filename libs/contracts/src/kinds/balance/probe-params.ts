import { RE2JS } from 're2js';
import type { FieldError } from '../../errors.js';
import { FLAG, oneOf, type Schema, shape, TEXT, text } from '../../schema/shape.js';
import { responseCodes } from './response-code.js';
import { DNS_RECORD_TYPES, type ProbeParams, type ProbeType } from './specs.js';

/** Bounds of what a probe sends and looks for. A datagram of IPv4 holds at most 65,507 bytes. */
export const PROBE_PARAM_LIMITS = { regexpLength: 1000, sendBytes: 65_507 } as const;

type Param = keyof ProbeParams;

const HTTP = ['path', 'host', 'responseCode', 'responseRegexp'] as const;
const CERTIFICATE = ['serverName', 'insecureSkipVerify'] as const;

/** Which params a probe of each type takes. Reference maglev 2.5, spec/health "Probes". */
const TAKES: Readonly<Record<ProbeType, readonly Param[]>> = {
  http: HTTP,
  https: [...HTTP, ...CERTIFICATE],
  tcp: ['ssl', ...CERTIFICATE],
  icmp: [],
  udp: ['send', 'expect'],
  dns: ['name', 'recordType', 'expect'],
  grpc: ['service', 'ssl', ...CERTIFICATE],
  tls: [...CERTIFICATE, 'warnBefore'],
  push: ['ttl'],
};

const NEEDS: Readonly<Partial<Record<ProbeType, Param>>> = { udp: 'send', dns: 'name', push: 'ttl' };

export const PROBE_PARAMS: Schema = shape<ProbeParams>(
  {},
  {
    path: text('request-path'),
    host: text('request-host'),
    responseCode: { type: ['string', 'integer'] },
    responseRegexp: TEXT,
    ssl: FLAG,
    serverName: text('host'),
    insecureSkipVerify: FLAG,
    send: TEXT,
    expect: TEXT,
    name: text('dns-name'),
    recordType: oneOf(DNS_RECORD_TYPES),
    service: TEXT,
    warnBefore: text('duration'),
    ttl: text('duration'),
  },
);

/** What is wrong with the params of a probe of this type; pointers start at the params. */
export function probeParamErrors(type: ProbeType, params: ProbeParams): readonly FieldError[] {
  const given = Object.keys(params) as Param[];
  const needed = NEEDS[type];
  return [
    ...given
      .filter((param) => !TAKES[type].includes(param))
      .map((param) => ({ pointer: `/${param}`, message: `is not for type ${type}` })),
    ...(needed !== undefined && params[needed] === undefined
      ? [{ pointer: `/${needed}`, message: `is required for type ${type}` }]
      : []),
    ...valueErrors(params),
  ];
}

function valueErrors({ responseCode, responseRegexp, send }: ProbeParams): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (responseCode !== undefined && responseCodes(responseCode) === undefined)
    errors.push({
      pointer: '/responseCode',
      message: 'must be a code such as 200 or a range such as 200-299, from low to high within 100-599',
    });
  const unusable = responseRegexp === undefined ? undefined : regexpProblem(responseRegexp);
  if (unusable !== undefined) errors.push({ pointer: '/responseRegexp', message: unusable });
  if (send !== undefined && Buffer.byteLength(send) > PROBE_PARAM_LIMITS.sendBytes)
    errors.push({ pointer: '/send', message: `must have at most ${PROBE_PARAM_LIMITS.sendBytes} bytes` });
  return errors;
}

function regexpProblem(expression: string): string | undefined {
  if (expression.length > PROBE_PARAM_LIMITS.regexpLength)
    return `must have at most ${PROBE_PARAM_LIMITS.regexpLength} characters`;
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    return `must be an RE2 expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}
