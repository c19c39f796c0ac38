import { type Alarm, toldProject } from '@signalbox/contracts';
import type { TableReport } from './table-reports.js';

/**
 * One alarm per listener whose clients would be spread differently by its nodes: their tables differ although each has the
 * newest state. `wanted` is the digest of what a node was told last; one that is behind may have another table for that.
 * Reference load-balancing section 6.
 */
export function tableAlarms(
  reports: Iterable<readonly [listener: string, nodes: readonly TableReport[]]>,
  wanted: (node: string, listener: string) => string | undefined,
): Alarm[] {
  return [...reports].flatMap(([listener, nodes]): Alarm[] => {
    const current = nodes.filter(
      ({ node, digest, tableDigest }) => tableDigest !== undefined && digest === wanted(node, listener),
    );
    if (new Set(current.map(({ tableDigest }) => tableDigest)).size < 2) return [];
    const names = current.map(({ node }) => node).sort();
    const since = current.reduce((last, { at }) => (at > last ? at : last), '');
    const text = `${names.join(', ')} choose targets of listener ${listener} differently: clients change their target when they change the node`;
    return [{ kind: 'table-mismatch', name: listener, ...toldProject(listener), since, text }];
  });
}
