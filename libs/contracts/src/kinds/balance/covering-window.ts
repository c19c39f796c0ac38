import {
  DEFAULT_PROJECT,
  readScopedName,
  refOf,
  refText,
  type Resource,
  scopedName,
} from '../../resource.js';
import { timestampMs } from '../../timestamp.js';
import { specOf } from '../spec-of.js';
import type { MaintenanceWindowSpec } from './specs.js';

/** A maintenance window with its project and what people call it. Its backends and frontends are scoped names. */
export interface NamedWindow extends MaintenanceWindowSpec {
  readonly project: string;
  readonly text: string;
}

/** A MaintenanceWindow resource; it names backends and frontends of its own project. */
export function namedWindow(resource: Resource): NamedWindow {
  const { backends, frontends, ...spec } = specOf<MaintenanceWindowSpec>(resource);
  const ref = refOf(resource);
  const scoped = (name: string): string => scopedName(ref.project, name);
  return {
    ...spec,
    ...(backends && { backends: backends.map(scoped) }),
    ...(frontends && { frontends: frontends.map(scoped) }),
    project: ref.project,
    text: refText(ref),
  };
}

/**
 * The maintenance window that covers a backend or a frontend at a time, as people call it; undefined when none does.
 * `name` is a scoped name. A window without names covers everything of its project, one of `default` everything there
 * is; `from` belongs to it, `to` does not. spec/health "State machine".
 */
export function coveringWindow(
  kind: 'backends' | 'frontends',
  name: string,
  windows: readonly NamedWindow[],
  nowMs: number,
): string | undefined {
  const found = windows.find((window) => {
    if (nowMs < timestampMs(window.from) || nowMs >= timestampMs(window.to)) return false;
    const isForAll = window.backends === undefined && window.frontends === undefined;
    return isForAll ? reaches(window, name) : (window[kind] ?? []).includes(name);
  });
  return found && `${found.text}${found.reason === undefined ? '' : `: ${found.reason}`}`;
}

function reaches({ project }: NamedWindow, name: string): boolean {
  return project === DEFAULT_PROJECT || project === readScopedName(name).project;
}
