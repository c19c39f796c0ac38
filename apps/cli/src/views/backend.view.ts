import { type BackendVitals, endpointText } from '@signalbox/contracts';
import type { BackendDetail, BackendOutcome, BackendItem, TransitionItem } from '../rest/answers.js';
import { durationText, timeText } from '../output/age.js';
import { cellText } from '../output/cell.js';
import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText } from '../output/table.js';
import { noteText, originText } from './origin.js';
import { columnsWithProject } from './project.js';

const STATIC = 'static';

export const backendColumns = columnsWithProject<BackendItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ADDRESS', rank: 2, value: endpointText },
  { title: 'HEALTHCHECK', rank: 4, value: ({ healthcheck }) => healthcheck ?? STATIC },
  { title: 'STATE', rank: 0, value: ({ state }) => state },
  { title: 'ENABLED', rank: 3, value: ({ enabled }) => enabled },
  { title: 'SINCE', rank: 0, value: ({ since }) => since },
  { title: 'CODE', rank: 1, value: ({ result }) => result.code },
  { title: 'DETAIL', rank: 2, max: 60, value: ({ result }) => result.detail },
  { title: 'BY', wide: true, value: ({ by }) => by?.author },
  { title: 'REASON', wide: true, value: ({ by }) => by?.reason },
  { title: 'FRONTENDS', wide: true, value: ({ frontends }) => frontends.join(',') },
  { title: 'AT', wide: true, value: ({ at }) => at },
  { title: 'VERSION', wide: true, value: ({ version }) => version },
]);

/** Everything of one backend, its transitions newest first. The lines are a contract: reference maglev 8.4. */
export function backendText(backend: BackendDetail, nowMs: number): string {
  const { result, by, vitals } = backend;
  return [
    fieldsText([
      ['name', backend.name],
      ['project', backend.project],
      ['address', endpointText(backend)],
      ['healthcheck', backend.healthcheck ?? STATIC],
      ['state', backend.state],
      ['enabled', backend.enabled],
      ['since', timeText(backend.since, nowMs)],
      ['code', result.code],
      ['detail', result.detail],
      ['by', by && noteText(by)],
      ['counter', vitals ? counterText(vitals) : ''],
      ['degraded', vitals?.degraded],
      ['interval', vitals?.intervalMs === undefined ? undefined : durationText(vitals.intervalMs)],
      ['last probe', vitals?.last && probeText(vitals.last, nowMs)],
      ['held until', vitals?.heldUntil],
      ['frontends', backend.frontends.join(', ')],
      ['origin', originText(backend.origin)],
    ]),
    'transitions\n',
    indented(alignedText(backend.transitions.map(transitionCells)) || '-', '  '),
  ].join('');
}

/** One line about what a command did: the state now and the one before the operator spoke. */
export function outcomeText({ name, state, changed, transitions }: BackendOutcome): string {
  if (!changed) return `${name}: ${state} (nothing to do)\n`;
  const before = transitions.find(({ by }) => by !== undefined)?.from;
  return `${name}: ${state}${before === undefined ? '' : ` (was ${before})`}\n`;
}

function counterText({ counter, max, rise, fall }: BackendVitals): string {
  return `${counter} of 0..${max} (rise ${rise}, fall ${fall})`;
}

function probeText(
  { at, code, durationMs, detail }: NonNullable<BackendVitals['last']>,
  nowMs: number,
): string {
  return `${timeText(at, nowMs)} ${code} ${durationText(durationMs)} ${detail}`;
}

function transitionCells({ at, from, to, result, by }: TransitionItem): readonly string[] {
  return [
    at,
    `${from ?? 'new'} -> ${to}`,
    result.code,
    cellText(result.detail),
    by ? cellText(`by ${noteText(by)}`) : '',
  ];
}
