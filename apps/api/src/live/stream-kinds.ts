/** What the event stream tells about; also the name of its events. */
export const STREAM_KINDS = [
  'backend',
  'frontend',
  'node',
  'sink',
  'resource',
  'alarm',
  'fact',
  'run',
  'part',
  'effective-config',
  'delivery',
  'dead-letter',
] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** What a client is told that names no kinds: all there was before the others came, and clients of that time know no others. */
export const DEFAULT_KINDS: readonly StreamKind[] = ['backend', 'frontend', 'node'];

/** Kinds whose things stand in projects; a node is told of in `default`. The others are of the site. */
export const PROJECT_KINDS: readonly StreamKind[] = ['backend', 'frontend', 'node', 'resource', 'alarm'];

/** Kinds that begin with what there is. The others begin with what comes next: their lists say what there was. */
export const PRESENT_KINDS: readonly StreamKind[] = [
  'backend',
  'frontend',
  'node',
  'sink',
  'resource',
  'alarm',
];

/** Which events a client wants. */
export interface StreamWish {
  readonly kinds: ReadonlySet<StreamKind>;
  /** Of this project only; absent = of all, or of `default` with names. */
  readonly project?: string;
  /** Facts of this group, and deliveries of them; absent = of all. */
  readonly group?: string;
  /** Of things with these names only; absent = all. */
  readonly names?: WantedNames;
}

/** Names as a client gave them, and as backends, frontends and nodes are called among all projects. */
export interface WantedNames {
  readonly given: ReadonlySet<string>;
  readonly scoped: ReadonlySet<string>;
}
