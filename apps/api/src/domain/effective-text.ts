import { toRouterDocument } from '@signalbox/contracts';

/** What the annotations of the effective config say. */
export interface EffectiveSummary {
  readonly generation: number;
  /** sha256 of its resources, empty before the first generation. */
  readonly digest: string;
  /** Parts that are held back. */
  readonly quarantined: number;
}

/** What closes the document behind its resources. */
const END = ']}}';

/**
 * The effective config as the JSON of a `Router` document. `resources` is the JSON of its resources in the order of their
 * identities, with commas between them: it goes in as it is stored and is never parsed.
 */
export function effectiveText(
  { generation, digest, quarantined }: EffectiveSummary,
  resources: string,
): string {
  const { apiVersion, kind, metadata, spec } = toRouterDocument('effective', []);
  const annotations = {
    'signalbox.dev/generation': String(generation),
    'signalbox.dev/digest': digest,
    'signalbox.dev/quarantined': String(quarantined),
  };
  const empty = JSON.stringify({ apiVersion, kind, metadata: { ...metadata, annotations }, spec });
  return `${empty.slice(0, -END.length)}${resources}${END}`;
}
