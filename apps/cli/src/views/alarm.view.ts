import type { Alarm } from '@signalbox/contracts';
import type { Column } from '../output/table.js';

export const ALARM_COLUMNS: readonly Column<Alarm>[] = [
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'NAME', rank: 0, value: ({ name }) => name },
  { title: 'SINCE', rank: 1, value: ({ since }) => since },
  { title: 'TEXT', rank: 0, max: 80, value: ({ text }) => text },
  { title: 'SILENCED_BY', rank: 2, value: ({ silencedBy }) => silencedBy },
  { title: 'REASON', wide: true, value: ({ reason }) => reason },
  { title: 'RESOURCES', wide: true, value: ({ resources }) => resourceNames(resources) },
];

function resourceNames(resources: Alarm['resources']): string | undefined {
  return resources?.map(({ kind, name }) => `${kind}/${name}`).join(',');
}
