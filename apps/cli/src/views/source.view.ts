import { fieldsText } from '../output/fields.js';
import type { BackendSourceItem } from '../rest/answers.js';
import { originText } from './origin.js';
import { columnsWithProject } from './project.js';

export const backendSourceColumns = columnsWithProject<BackendSourceItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'WAY', value: ({ way }) => way },
  { title: 'POOL', value: ({ pool }) => pool },
  { title: 'STATE', value: ({ state }) => state ?? 'unknown' },
  { title: 'BACKENDS', value: ({ endpoints }) => endpoints },
  { title: 'DRAINING', value: ({ draining }) => draining },
  { title: 'WHY', value: whyText },
  { title: 'SINCE', wide: true, value: ({ since }) => since },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
]);

/** A source with what it brings and what of that is not in the config. */
export function backendSourceText(source: BackendSourceItem): string {
  const { part, refused = [] } = source;
  const fields = fieldsText([
    ['name', source.name],
    ['project', source.project],
    ['description', source.description || undefined],
    ['way', source.way],
    ['pool', source.pool],
    ['state', source.state ?? 'unknown: balancer does not answer'],
    ['since', source.since],
    ['backends', source.endpoints],
    ['draining', source.draining],
    ['why', whyText(source)],
    ['part', part && `${part.source} generation ${part.generation}, ${part.state}, accepted ${part.at}`],
    ['origin', originText(source.origin)],
  ]);
  return refused.length === 0 ? fields : `${fields}left out:\n${refused.map((one) => `  ${one}\n`).join('')}`;
}

/** Everything that is not as it should be, in one line. */
function whyText({ reason, heldBack, rejected, part }: BackendSourceItem): string | undefined {
  const reasons = [
    ...(reason === undefined ? [] : [reason]),
    ...(heldBack ? [`${heldBack.leaving} of ${heldBack.of} would leave at once: they stay`] : []),
    ...(rejected ? [`refused: ${rejected.message}`] : []),
    ...(part?.reason === undefined ? [] : [`held back: ${part.reason}`]),
  ];
  return reasons.length === 0 ? undefined : reasons.join('; ');
}
