import { DEFAULT_PROJECT } from '@signalbox/contracts';
import { PROJECT_KINDS, type StreamKind, type StreamWish } from './stream-kinds.js';

/** What an event is about, and what it says. */
export interface EventContent {
  /** `gap`: something is missing, see `StreamStarts`. */
  readonly kind: StreamKind | 'gap';
  /** The name of what stands in a project, unique among all projects. */
  readonly scoped?: string;
  readonly project?: string;
  readonly group?: string;
  /** Further names by which it is found. */
  readonly names?: readonly string[];
  /** `run`: it must not be told before the record there that it follows from. */
  readonly after?: { readonly source: string; readonly seq: number };
  readonly data: object;
}

/** One event of the stream. Its text is made once, however many clients get it, and only when one does. */
export class LiveEvent {
  private made: string | undefined;

  constructor(readonly content: EventContent) {}

  /** Its lines, without an id. `type` in the data is the kind as well: a client that only looks at data needs no more. */
  get text(): string {
    const { kind, data } = this.content;
    this.made ??= `event: ${kind}\ndata: ${JSON.stringify({ type: kind, ...data })}\n\n`;
    return this.made;
  }
}

/** Whether a client wants to be told. */
export function isWanted({ kinds, project, group, names }: StreamWish, event: EventContent): boolean {
  if (event.kind === 'gap') return true;
  if (!kinds.has(event.kind)) return false;
  if (group !== undefined && event.group !== undefined && event.group !== group) return false;
  const isOfProject = (event.project ?? DEFAULT_PROJECT) === (project ?? DEFAULT_PROJECT);
  if (project !== undefined && PROJECT_KINDS.includes(event.kind) && !isOfProject) return false;
  if (names === undefined) return true;
  if (event.scoped === undefined) return event.names?.some((name) => names.given.has(name)) ?? false;
  return (
    names.scoped.has(event.scoped) ||
    (isOfProject && (event.names?.some((name) => names.given.has(name)) ?? false))
  );
}
