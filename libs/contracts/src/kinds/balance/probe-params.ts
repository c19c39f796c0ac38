import { RE2JS } from 're2js';
import type { FieldError } from '../../errors.js';
import { FLAG, oneOf, type Schema, shape, TEXT, text } from '../../schema/shape.js';
import { DNS_VALUE_FORMS, dnsValue } from './dns-value.js';
import { responseCodes } from './response-code.js';
import { DNS_RECORD_TYPES, HEALTH_CHECK_DEFAULTS, type ProbeParams, type ProbeType } from './specs.js';

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
  udp: ['send', 'sendHex', 'expect', 'expectHex'],
  dns: ['name', 'recordType', 'expect'],
  grpc: ['service', 'ssl', ...CERTIFICATE],
  tls: [...CERTIFICATE, 'warnBefore'],
  push: ['ttl'],
};

/** What a probe needs; of several, one. */
const NEEDS: Readonly<Partial<Record<ProbeType, readonly Param[]>>> = {
  udp: ['send', 'sendHex'],
  dns: ['name'],
  push: ['ttl'],
};

/** Params of which only one may be given: they say the same in two ways. */
const EITHER: readonly (readonly [Param, Param])[] = [
  ['send', 'sendHex'],
  ['expect', 'expectHex'],
];

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
    sendHex: text('hex-bytes'),
    expect: TEXT,
    expectHex: text('hex-bytes'),
    name: text('dns-name'),
    recordType: oneOf(DNS_RECORD_TYPES),
    service: TEXT,
    warnBefore: text('time-ahead'),
    ttl: text('duration'),
  },
);

/** The bytes that a param in hex says: two digits each, blanks between them as one likes. */
export function hexBytes(text: string): Buffer {
  return Buffer.from(text.replace(/\s+/g, ''), 'hex');
}

/** What is wrong with the params of a probe of this type; pointers start at the params. */
export function probeParamErrors(type: ProbeType, params: ProbeParams): readonly FieldError[] {
  const given = Object.keys(params) as Param[];
  const [needed, ...instead] = NEEDS[type] ?? [];
  return [
    ...given
      .filter((param) => !TAKES[type].includes(param))
      .map((param) => ({ pointer: `/${param}`, message: `is not for type ${type}` })),
    ...(needed !== undefined && [needed, ...instead].every((param) => params[param] === undefined)
      ? [{ pointer: `/${needed}`, message: `is required for type ${type}` }]
      : []),
    ...EITHER.filter((pair) =>
      pair.every((param) => params[param] !== undefined && TAKES[type].includes(param)),
    ).map(([text, hex]) => ({
      pointer: `/${hex}`,
      message: `is given beside ${text}: write one of them`,
    })),
    ...valueErrors(params),
    ...(type === 'dns' ? expectErrors(params) : []),
  ];
}

/** A value that no record can have would keep the backend down for ever. */
function expectErrors({
  expect,
  recordType = HEALTH_CHECK_DEFAULTS.recordType,
}: ProbeParams): readonly FieldError[] {
  if (expect === undefined || dnsValue(recordType, expect) !== undefined) return [];
  const message = `must be the value of a record of type ${recordType}: ${DNS_VALUE_FORMS[recordType]}`;
  return [{ pointer: '/expect', message }];
}

function valueErrors({ responseCode, responseRegexp, send, sendHex }: ProbeParams): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (responseCode !== undefined && responseCodes(responseCode) === undefined)
    errors.push({
      pointer: '/responseCode',
      message: 'must be a code such as 200 or a range such as 200-299, from low to high within 100-599',
    });
  const unusable = responseRegexp === undefined ? undefined : regexpProblem(responseRegexp);
  if (unusable !== undefined) errors.push({ pointer: '/responseRegexp', message: unusable });
  const tooLong = `must have at most ${PROBE_PARAM_LIMITS.sendBytes} bytes`;
  if (send !== undefined && Buffer.byteLength(send) > PROBE_PARAM_LIMITS.sendBytes)
    errors.push({ pointer: '/send', message: tooLong });
  if (sendHex !== undefined && hexBytes(sendHex).length > PROBE_PARAM_LIMITS.sendBytes)
    errors.push({ pointer: '/sendHex', message: tooLong });
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
