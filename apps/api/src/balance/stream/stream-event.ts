import {
  type BackendRecord,
  CodedError,
  DEFAULT_PROJECT,
  decodeBackendRecord,
  decodeFrontendRecord,
  decodeNodeRecord,
  type FrontendRecord,
  type NodeRecord,
  SUBJECTS,
  toldProject,
} from '@signalbox/contracts';

/** What the stream tells about; also the name of the events. */
export const STREAM_KINDS = ['backend', 'frontend', 'node'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/**
 * Data of one event: the record with its scoped names, and the `project` where it is not `default`. `synthetic`: no
 * record was appended, it tells the present state.
 */
export type StreamEvent = (
  | ({ readonly type: 'backend' } & BackendRecord)
  | ({ readonly type: 'frontend' } & FrontendRecord)
  | ({ readonly type: 'node' } & NodeRecord)
) & { readonly project?: string; readonly synthetic?: true };

/** Which events a client wants. */
export interface StreamWish {
  readonly kinds: readonly StreamKind[];
  /** Of this project only; absent = of all. */
  readonly project?: string;
  /** Of the backends, frontends and nodes with these scoped names only; absent = all. */
  readonly names?: ReadonlySet<string>;
}

/** Where the records of a kind are. */
export const SUBJECT_OF_KIND: Readonly<Record<StreamKind, string>> = {
  backend: SUBJECTS.allBackendActivity,
  frontend: SUBJECTS.allFrontendActivity,
  node: SUBJECTS.allNodeActivity,
};

/** The event of a record; undefined for one that cannot be read, which its projection keeps as a dead letter. */
export function eventOf(kind: StreamKind, data: Uint8Array): StreamEvent | undefined {
  try {
    if (kind === 'backend') {
      const record = decodeBackendRecord(data);
      return { type: kind, ...toldProject(record.backend), ...record };
    }
    if (kind === 'node') return { type: kind, ...decodeNodeRecord(data) };
    const record = decodeFrontendRecord(data);
    return { type: kind, ...toldProject(record.frontend), ...record };
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

/** Whether a client wants an event of a kind that it wants. */
export function isWanted({ project, names }: StreamWish, event: StreamEvent): boolean {
  if (project !== undefined && project !== (event.project ?? DEFAULT_PROJECT)) return false;
  return names === undefined || names.has(nameOf(event));
}

function nameOf(event: StreamEvent): string {
  if (event.type === 'backend') return event.backend;
  return event.type === 'frontend' ? event.frontend : event.node;
}
