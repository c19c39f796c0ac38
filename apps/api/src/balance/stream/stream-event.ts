import {
  type BackendRecord,
  CodedError,
  decodeBackendRecord,
  decodeFrontendRecord,
  type FrontendRecord,
  SUBJECTS,
} from '@signalbox/contracts';

/** What the stream tells about; also the name of the events. */
export const STREAM_KINDS = ['backend', 'frontend'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** Data of one event. `synthetic`: no record was appended, it tells the present state. */
export type StreamEvent = (
  ({ readonly type: 'backend' } & BackendRecord) | ({ readonly type: 'frontend' } & FrontendRecord)
) & { readonly synthetic?: true };

/** Which events a client wants. */
export interface StreamWish {
  readonly kinds: readonly StreamKind[];
  /** Of these backends and frontends only; absent = all. */
  readonly names?: ReadonlySet<string>;
}

/** Where the records of a kind are. */
export const SUBJECT_OF_KIND: Readonly<Record<StreamKind, string>> = {
  backend: SUBJECTS.allBackendActivity,
  frontend: SUBJECTS.allFrontendActivity,
};

/** The event of a record; undefined for one that cannot be read, which its projection keeps as a dead letter. */
export function eventOf(kind: StreamKind, data: Uint8Array): StreamEvent | undefined {
  try {
    return kind === 'backend'
      ? { type: kind, ...decodeBackendRecord(data) }
      : { type: kind, ...decodeFrontendRecord(data) };
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

/** Whether a client wants an event of a kind that it wants. */
export function isWanted({ names }: StreamWish, event: StreamEvent): boolean {
  return names === undefined || names.has(event.type === 'backend' ? event.backend : event.frontend);
}
