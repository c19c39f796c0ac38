import type { Resource } from '../../resource.js';
import { timestampMs } from '../../timestamp.js';
import { specOf } from '../spec-of.js';
import type { MaintenanceWindowSpec } from './specs.js';

/** A maintenance window with its name. */
export interface NamedWindow extends MaintenanceWindowSpec {
  readonly name: string;
}

/** A MaintenanceWindow resource by its name. */
export function namedWindow(resource: Resource): NamedWindow {
  return { ...specOf<MaintenanceWindowSpec>(resource), name: resource.metadata.name };
}

/**
 * The maintenance window that covers a backend or a frontend at a time, as people call it; undefined when none does.
 * A window without names covers everything; `from` belongs to it, `to` does not. spec/health "State machine".
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
    return isForAll || (window[kind] ?? []).includes(name);
  });
  return found && `MaintenanceWindow/${found.name}${found.reason === undefined ? '' : `: ${found.reason}`}`;
}
