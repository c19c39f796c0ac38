import { endpointText } from '@signalbox/contracts';
import type { PoolItem } from '../rest/answers.js';
import { cellText } from '../output/cell.js';
import { fieldsText } from '../output/fields.js';
import { originText } from './origin.js';
import { columnsWithProject } from './project.js';

type Member = PoolItem['members'][number];

export const poolColumns = columnsWithProject<PoolItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ALGORITHM', value: ({ algorithm }) => algorithm },
  { title: 'MEMBERS', value: ({ members }) => members.length },
  { title: 'UP', value: ({ members }) => members.filter(({ state }) => state === 'up').length },
  { title: 'LISTENERS', value: ({ listeners }) => listeners.map(useText).join(',') },
  { title: 'DECLARED_BY', wide: true, value: ({ declaredBy }) => declaredBy },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
]);

/** A pool with its members, and what each gets in each listener and why. */
export function poolViewText(pool: PoolItem): string {
  return [
    fieldsText([
      ['name', pool.name],
      ['project', pool.project],
      ['description', pool.description || undefined],
      ['declared-by', pool.declaredBy],
      ['algorithm', pool.algorithm],
      ['listeners', pool.listeners.map(useText).join(', ')],
      ['origin', originText(pool.origin)],
    ]),
    'members\n',
    ...(pool.members.length === 0 ? ['  -\n'] : pool.members.map(memberText)),
  ].join('');
}

/** A listener, marked when the pool gets its traffic, or with the policies that send it some. */
function useText({ listener, active, policies }: PoolItem['listeners'][number]): string {
  if (policies) return `${listener} [${active ? '' : 'not in effect: '}by ${policies.join(', ')}]`;
  return active ? `${listener} [active]` : listener;
}

function memberText({ name, address, port, state, listeners }: Member): string {
  const place =
    address === undefined ? undefined : endpointText({ address, ...(port !== undefined && { port }) });
  return [
    `  ${cellText(name)} ${cellText(place)} ${state}\n`,
    ...listeners.map(
      ({ listener, weight, effective, why }) =>
        `    ${cellText(listener)} weight ${weight} effective ${effective}, why: ${cellText(why.text)}\n`,
    ),
  ].join('');
}
