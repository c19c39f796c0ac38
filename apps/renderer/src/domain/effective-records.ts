import type {
  EffectiveRecord,
  EffectiveResource,
  QuarantinedPart,
  ResourceRef,
  SuppressedResource,
} from '@signalbox/contracts';

/** How large one record of a generation becomes before the next chunk starts, unless told otherwise. Bytes. */
export const EFFECTIVE_CHUNK_BYTES = 1024 * 1024;

/** What all chunks of a generation have in common. */
export type GenerationHead = Pick<
  EffectiveRecord,
  'generation' | 'at' | 'cause' | 'revision' | 'digest' | 'resources'
>;

/** What is spread over the chunks, in this order: readers see who is held back, and what is hidden, in the first one. */
export type GenerationBody = Required<
  Pick<EffectiveRecord, 'quarantined' | 'suppressed' | 'added' | 'changed' | 'removed'>
>;

interface Chunk {
  readonly quarantined: QuarantinedPart[];
  readonly suppressed: SuppressedResource[];
  readonly added: EffectiveResource[];
  readonly changed: EffectiveResource[];
  readonly removed: ResourceRef[];
}

const SECTIONS = ['quarantined', 'suppressed', 'added', 'changed', 'removed'] as const;

/**
 * The records of one generation. Each stays within `maxBytes` of JSON; only an entry that is larger on its own stands
 * alone in a larger one (it came in one message, so it fits in one). The lists of the chunks add up to the generation.
 */
export function effectiveRecords(
  head: GenerationHead,
  body: GenerationBody,
  maxBytes: number,
): EffectiveRecord[] {
  const envelope = jsonBytes(record(head, emptyChunk(), Number.MAX_SAFE_INTEGER, false));
  const chunks = [emptyChunk()];
  let size = envelope;
  for (const section of SECTIONS) {
    for (const entry of body[section]) {
      const bytes = jsonBytes(entry) + 1;
      if (size + bytes > maxBytes && size > envelope) {
        chunks.push(emptyChunk());
        size = envelope;
      }
      (chunks.at(-1)![section] as unknown[]).push(entry);
      size += bytes;
    }
  }
  return chunks.map((chunk, index) => record(head, chunk, index, index === chunks.length - 1));
}

function record(
  head: GenerationHead,
  { suppressed, ...chunk }: Chunk,
  index: number,
  complete: boolean,
): EffectiveRecord {
  return {
    type: 'generation',
    generation: head.generation,
    chunk: index,
    complete,
    at: head.at,
    cause: head.cause,
    revision: head.revision,
    digest: head.digest,
    resources: head.resources,
    ...chunk,
    ...(suppressed.length > 0 && { suppressed }),
  };
}

function emptyChunk(): Chunk {
  return { quarantined: [], suppressed: [], added: [], changed: [], removed: [] };
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
