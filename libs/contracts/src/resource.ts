/** Metadata of a resource. `project` defaults to `default`; `*.routerd.net` kinds always live there. */
export interface ResourceMetadata {
  readonly name: string;
  readonly project?: string;
  /** Name of the resource of the same kind that this one takes the place of; for owners of parts only, see `RENAMABLE`. */
  readonly renamedFrom?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerRefs?: readonly {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly name: string;
  }[];
}

/** Declared intent. Identity is (apiVersion, kind, project, name). */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ResourceMetadata;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The four members that identify a resource. */
export interface ResourceRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
}

export const DEFAULT_PROJECT = 'default';

/** The identity of a resource. */
export function refOf(resource: Resource): ResourceRef {
  return {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    project: resource.metadata.project ?? DEFAULT_PROJECT,
    name: resource.metadata.name,
  };
}

/** The identity of something not yet validated, or undefined when it has none. */
export function refIn(value: unknown): ResourceRef | undefined {
  const { apiVersion, kind, metadata } = Object(value) as Record<string, unknown>;
  const { name, project = DEFAULT_PROJECT } = Object(metadata) as Record<string, unknown>;
  const members = [apiVersion, kind, project, name];
  if (!members.every((member) => typeof member === 'string')) return undefined;
  return { apiVersion, kind, project, name } as ResourceRef;
}

/** Text key of an identity; orders resources by (apiVersion, kind, project, name) when compared as text. */
export function refKey(ref: ResourceRef): string {
  return `${ref.apiVersion}\u0000${ref.kind}\u0000${ref.project}\u0000${ref.name}`;
}

/** Text key of a resource, see {@link refKey}. */
export function keyOf(resource: Resource): string {
  return refKey(refOf(resource));
}

/** How people read an identity: `Kind/name`, or `Kind/project/name` outside the default project. */
export function refText(ref: ResourceRef): string {
  return ref.project === DEFAULT_PROJECT
    ? `${ref.kind}/${ref.name}`
    : `${ref.kind}/${ref.project}/${ref.name}`;
}

/**
 * One text for a name of a project, unique among all projects: `web` in the default project, `lab/web` elsewhere; a name
 * with a `/` has its project in front there too (`default/a/b`), so that what stands before the first `/` is always a
 * project. What records, subjects, rows and keys call a resource of load balancing. Architecture section 5 "Names".
 */
export function scopedName(project: string, name: string): string {
  return project === DEFAULT_PROJECT && !name.includes('/') ? name : `${project}/${name}`;
}

/** The scoped name of a resource, see {@link scopedName}. */
export function scopedNameOf(resource: Resource): string {
  const { project, name } = refOf(resource);
  return scopedName(project, name);
}

/** The project of a scoped name as answers, events and series tell it: left out in `default`. */
export function toldProject(scoped: string): { readonly project?: string } {
  const { project } = readScopedName(scoped);
  return project === DEFAULT_PROJECT ? {} : { project };
}

/** Project and name of what {@link scopedName} made. */
export function readScopedName(scoped: string): { readonly project: string; readonly name: string } {
  const at = scoped.indexOf('/');
  if (at === -1) return { project: DEFAULT_PROJECT, name: scoped };
  return { project: scoped.slice(0, at), name: scoped.slice(at + 1) };
}
