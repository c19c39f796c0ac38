import type { NodeRecord } from '@signalbox/contracts';

/** One record that says what two that follow each other say: the newest of each listener and VIP, and whoever left and did not come back. */
export function mergeNodeRecords(older: NodeRecord, newer: NodeRecord): NodeRecord {
  if (newer.whole) return newer;
  const told = new Set([...newer.listeners.map(({ name }) => name), ...newer.gone]);
  const gone = older.whole ? [] : [...older.gone.filter((name) => !told.has(name)), ...newer.gone];
  const vips = mergedVips(older, newer);
  const peers = newer.peers ?? older.peers;
  return {
    ...newer,
    listeners: [...older.listeners.filter(({ name }) => !told.has(name)), ...newer.listeners],
    gone,
    ...vips,
    ...(peers && { peers }),
    ...(older.whole && { whole: true as const }),
  };
}

function mergedVips(older: NodeRecord, newer: NodeRecord): Pick<NodeRecord, 'vips' | 'goneVips'> {
  const [fresh, left] = [newer.vips ?? [], newer.goneVips ?? []];
  const told = new Set([...fresh.map(({ address }) => address), ...left]);
  const vips = [...(older.vips ?? []).filter(({ address }) => !told.has(address)), ...fresh];
  const gone = older.whole ? [] : [...(older.goneVips ?? []).filter((one) => !told.has(one)), ...left];
  return { ...(vips.length > 0 && { vips }), ...(gone.length > 0 && { goneVips: gone }) };
}
