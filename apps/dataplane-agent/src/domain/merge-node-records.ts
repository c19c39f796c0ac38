import type { NodeRecord } from '@signalbox/contracts';

/** One record that says what two that follow each other say: the newest of each listener, and whoever left and did not come back. */
export function mergeNodeRecords(older: NodeRecord, newer: NodeRecord): NodeRecord {
  if (newer.whole) return newer;
  const told = new Set([...newer.listeners.map(({ name }) => name), ...newer.gone]);
  const gone = older.whole ? [] : [...older.gone.filter((name) => !told.has(name)), ...newer.gone];
  return {
    ...newer,
    listeners: [...older.listeners.filter(({ name }) => !told.has(name)), ...newer.listeners],
    gone,
    ...(older.whole && { whole: true as const }),
  };
}
