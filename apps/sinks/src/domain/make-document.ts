import {
  canonicalJson,
  type ConfigSinkSpec,
  type Resource,
  sha256Hex,
  SINK_DEFAULTS,
  SINK_DOCUMENT_BYTES,
  type SinkFormat,
  sinkValuesDigest,
  sinkValuesOf,
  toRouterDocument,
} from '@signalbox/contracts';
import { stringify } from 'yaml';
import { SinkFault } from './sink-fault.js';
import type { DocumentTemplate } from './template.js';

/** How a document is made: `template` is the one of the spec, read once. */
export interface DocumentForm {
  readonly format?: SinkFormat;
  readonly template?: DocumentTemplate;
}

/**
 * The bytes of a sink's document: what the template makes, else a `Router` document in which keys and resources have one order, so that
 * the same config gives the same bytes. `resources` in the order of their identities. Throws {@link SinkFault} of step `template`.
 */
export function documentText(
  resources: readonly Resource[],
  { format = SINK_DEFAULTS.format, template }: DocumentForm,
  site: { readonly name: string },
): string {
  const text = template ? template.render({ resources, site }) : routerText(resources, format);
  const bytes = Buffer.byteLength(text);
  if (bytes <= SINK_DOCUMENT_BYTES) return text;
  throw new SinkFault('template', {
    code: 'sink-template',
    message: `the document has ${bytes} bytes, and at most ${SINK_DOCUMENT_BYTES} are written: select less`,
  });
}

/** The digest of a NATS KV target: of its keys and values, as it is read back from the bucket. */
export function resourcesDigest(resources: readonly Resource[]): string {
  const values = [...sinkValuesOf(resources)].map(([key, value]) => [key, sha256Hex(value)] as const);
  return sinkValuesDigest(new Map(values));
}

/** Whether two specs make the same document of the same config. */
export function makesTheSame(a: ConfigSinkSpec, b: ConfigSinkSpec): boolean {
  const formOf = ({ select, format, template }: ConfigSinkSpec): string =>
    canonicalJson({ select, format, template });
  return formOf(a) === formOf(b);
}

function routerText(resources: readonly Resource[], format: SinkFormat): string {
  const document = JSON.parse(canonicalJson(toRouterDocument('effective', resources))) as unknown;
  if (format === 'json') return `${JSON.stringify(document, null, 2)}\n`;
  return stringify(document, { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false });
}
