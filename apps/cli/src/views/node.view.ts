import type { NodeDetail, NodeItem } from '../lb-shapes.js';
import { timeText } from '../output/age.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText, type Column } from '../output/table.js';
import { servingCells, withReason } from './listener.view.js';
import { originText } from './origin.js';

export const NODE_COLUMNS: readonly Column<NodeItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'DRIVER', value: ({ driver }) => driver },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'GENERATION', value: ({ appliedGeneration }) => appliedGeneration },
  { title: 'REFUSED', value: ({ refused }) => refused },
  { title: 'SINCE', value: ({ since }) => since },
  { title: 'ERROR', max: 60, value: ({ error }) => error?.message },
  { title: 'EPOCH', wide: true, value: ({ epoch }) => epoch },
  { title: 'AT', wide: true, value: ({ at }) => at },
  { title: 'VERSION', wide: true, value: ({ version }) => version },
];

/** A node with what it serves; wide says what its data plane can do. */
export function nodeText(node: NodeDetail, nowMs: number, format: 'table' | 'wide'): string {
  const { listeners, capabilities } = node;
  return [
    fieldsText([
      ['name', node.name],
      ['driver', node.driver],
      ['state', withReason(node.state, node.error?.message)],
      ['since', node.since === undefined ? undefined : timeText(node.since, nowMs)],
      ['generation', node.appliedGeneration],
      ['refused', node.refused],
      ['last report', node.at === undefined ? undefined : timeText(node.at, nowMs)],
      ['origin', originText(node.origin)],
      ...(format === 'wide' && capabilities
        ? Object.entries(capabilities).map(([name, can]): [string, string] => [
            `can ${kebab(name)}`,
            String(can),
          ])
        : []),
    ]),
    'listeners\n',
    indented(
      alignedText(listeners.map((one) => [cellText(one.listener), one.state, ...servingCells(one)])) || '-',
      '  ',
    ),
  ].join('');
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
