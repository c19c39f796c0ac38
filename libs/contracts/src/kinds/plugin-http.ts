import type { FieldError } from '../errors.js';
import { shape, text } from '../schema/shape.js';
import type { PluginSpec } from './specs.js';

/** The endpoint of a plugin of `mode: http`. ADR 0037. */
export interface PluginHttp {
  /** Where requests are posted: https, or http to a loopback address. */
  readonly url: string;
  /** PEM file of the authorities that its certificate may be of; absent: those that the machine trusts. */
  readonly caFile?: string;
  /** Name of the entry of `spec.secrets` that is sent as `Authorization: Bearer …`. */
  readonly bearerSecret?: string;
}

/** Schema of `Plugin.spec.http`. */
export const PLUGIN_HTTP = shape<PluginHttp>(
  { url: text('endpoint-url') },
  { caFile: text('absolute-path'), bearerSecret: text('dns-label') },
);

/** What is about a program that we start. Somebody else starts an endpoint. */
const OF_PROGRAMS = ['executable', 'sha256', 'env', 'sandbox', 'network', 'recycle'] as const;

/** Whether the fields of a plugin fit how it is run: by a program, or by an endpoint. Pointers start at the resource. */
export function placeErrors(spec: PluginSpec): readonly FieldError[] {
  if (spec.mode === 'http') return endpointErrors(spec);
  return [
    ...(spec.executable === undefined
      ? [{ pointer: '/spec/executable', message: 'is required: the absolute path of the program' }]
      : []),
    ...(spec.http === undefined
      ? []
      : [{ pointer: '/spec/http', message: 'is for plugins of mode http only: write mode: http' }]),
  ];
}

function endpointErrors(spec: PluginSpec): readonly FieldError[] {
  const { http, secrets = [] } = spec;
  const stray = OF_PROGRAMS.filter((member) => spec[member] !== undefined).map((member) => ({
    pointer: `/spec/${member}`,
    message: 'is about a program that is started here: a plugin of mode http has none, leave it out',
  }));
  if (http === undefined)
    return [{ pointer: '/spec/http', message: 'is required with mode: http: at least its url' }, ...stray];

  const { url, caFile, bearerSecret } = http;
  const isPlain = url.toLowerCase().startsWith('http:');
  const unused = secrets.flatMap(({ name }, at) =>
    name === bearerSecret
      ? []
      : [{ pointer: `/spec/secrets/${at}`, message: 'is not sent: name it in spec.http.bearerSecret' }],
  );
  const isMissing = bearerSecret !== undefined && !secrets.some(({ name }) => name === bearerSecret);
  return [
    ...stray,
    ...(caFile !== undefined && isPlain
      ? [{ pointer: '/spec/http/caFile', message: 'is for https only: the url is plain http' }]
      : []),
    ...(isMissing
      ? [
          {
            pointer: '/spec/http/bearerSecret',
            message: `names no entry of spec.secrets: add ${bearerSecret}`,
          },
        ]
      : []),
    ...unused,
  ];
}
