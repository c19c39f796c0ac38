import { DEFAULT_PROJECT, PLUGIN, refKey } from '@signalbox/contracts';

/** Key of a Plugin. */
export function pluginKey(name: string): string {
  const { apiVersion, kind } = PLUGIN;
  return refKey({ apiVersion, kind, project: DEFAULT_PROJECT, name });
}
