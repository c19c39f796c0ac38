/**
 * The whole environment of a plugin: PATH and `spec.env`, nothing else of ours. Reference
 * 6.3; blank keys and keys with `=` are dropped (2.5). Sorted, so that equal declarations start equal processes.
 */
export function pluginEnvironment(
  declared: Readonly<Record<string, string>>,
  searchPath: string,
): Record<string, string> {
  const kept = Object.entries(declared).filter(([key]) => key.trim() !== '' && !key.includes('='));
  const environment = Object.entries({ PATH: searchPath, ...Object.fromEntries(kept) });
  return Object.fromEntries(environment.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
