import { durationText } from '../output/age.js';
import { sizeText } from '../output/size.js';
import type { Column } from '../output/table.js';
import type { StorageItem } from '../rest/answers.js';

export const STORAGE_COLUMNS: readonly Column<StorageItem>[] = [
  { title: 'KIND', rank: 3, value: ({ kind }) => kind },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'OWNER', wide: true, value: ({ owner }) => owner },
  { title: 'USED', rank: 0, value: ({ used, unit }) => amountText(used, unit) },
  { title: 'BOUND', value: ({ bound, unit }) => amountText(bound, unit) },
  { title: 'USED%', value: ({ usedPercent }) => usedPercent },
  { title: 'GROWTH/H', rank: 2, value: ({ growthPerHour, unit }) => amountText(growthPerHour, unit) },
  { title: 'FULL_IN', value: fullText },
  { title: 'WHEN_FULL', rank: 4, value: ({ whenFull }) => whenFull },
  { title: 'COUNT', wide: true, value: ({ count }) => count },
  { title: 'BYTES', wide: true, value: ({ bytes }) => bytes },
  { title: 'RULE', wide: true, value: ({ rule }) => rule },
  { title: 'SETTING', wide: true, value: ({ setting }) => setting },
];

function amountText(amount: number | undefined, unit: StorageItem['unit']): string | undefined {
  if (amount === undefined) return undefined;
  return unit === 'bytes' ? sizeText(amount) : `${Math.round(amount)} ${unit}`;
}

function fullText({ outlook, fullInSeconds = 0 }: StorageItem): string | undefined {
  if (outlook === 'full') return 'now';
  if (outlook === 'never') return 'never';
  return outlook === 'filling' ? durationText(fullInSeconds * 1000) : undefined;
}
