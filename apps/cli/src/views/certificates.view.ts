import type { ServedCertificate } from '@signalbox/contracts';
import type { ServingItem } from '../rest/answers.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { alignedText } from '../output/table.js';

/** Hosts that a line shows before it counts the rest. */
const SHOWN_NAMES = 3;

/** Certificates as the nodes of a listener show them to clients, a line each; nothing when there are none. */
export function certificatesText(nodes: readonly (ServingItem & { readonly node: string })[]): string {
  const rows = nodes.flatMap(({ node, certificates = [] }) => certificates.map((one) => cellsOf(node, one)));
  return rows.length === 0 ? '' : `certificates\n${indented(alignedText(rows), '  ')}`;
}

function cellsOf(node: string, { name, names, notBefore, notAfter, sha256 }: ServedCertificate): string[] {
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
  return [
    cellText(node),
    cellText(name),
    cellText(names.slice(0, SHOWN_NAMES).join(', ') + more),
    cellText(`valid ${notBefore} to ${notAfter}`),
    cellText(`sha256 ${sha256}`),
  ];
}
