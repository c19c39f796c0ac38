import { endpointText } from '@signalbox/contracts';
import type { FrontendItem, TargetItem } from '../rest/answers.js';
import { timeText } from '../output/age.js';
import { cellText, displayWidth, padTo } from '../output/cell.js';
import { fieldsText } from '../output/fields.js';
import { noteText, originText } from './origin.js';
import { columnsWithProject } from './project.js';

export const frontendColumns = columnsWithProject<FrontendItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ADDRESS', rank: 0, value: ({ address }) => address },
  { title: 'PROTOCOL', rank: 3, value: ({ protocol }) => protocol },
  { title: 'PORT', rank: 0, value: ({ port }) => port },
  { title: 'STATE', rank: 0, value: ({ state }) => state },
  { title: 'ACTIVE_POOL', value: ({ activePool }) => activePool },
  { title: 'SERVING', value: servingText },
  { title: 'SINCE', rank: 2, value: ({ since }) => since },
  { title: 'SRC_IP_STICKY', wide: true, value: ({ srcIpSticky }) => srcIpSticky },
  { title: 'FLUSH_ON_DOWN', wide: true, value: ({ flushOnDown }) => flushOnDown },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
]);

/** Targets that get traffic, of all. */
export function servingText({ pools }: Pick<FrontendItem, 'pools'>): string {
  const targets = pools.flatMap(({ backends }) => backends);
  return `${targets.filter(({ effective }) => effective > 0).length}/${targets.length}`;
}

/** A frontend with its pools; wide says more of each target. The lines are a contract: reference maglev 8.4. */
export function frontendText(frontend: FrontendItem, nowMs: number, format: 'table' | 'wide'): string {
  const { pools, activePool } = frontend;
  return [
    fieldsText([
      ['name', frontend.name],
      ['project', frontend.project],
      ['description', frontend.description || undefined],
      ['address', frontend.address],
      ['protocol', frontend.protocol],
      ['port', frontend.port],
      ['src-ip-sticky', frontend.srcIpSticky],
      ['flush-on-down', frontend.flushOnDown],
      ['failback-delay', frontend.failbackDelay],
      ['min-up', frontend.minUp],
      ['pool-activation', frontend.poolActivation],
      ['slow-start', frontend.slowStart],
      ['all-down', frontend.allDown],
      ['state', frontend.state],
      ['since', timeText(frontend.since, nowMs)],
      ['active-pool', activePool],
      ['origin', originText(frontend.origin)],
    ]),
    poolText(pools, activePool, format),
  ].join('');
}

/** Pools with their targets: a line with the weights of each, one with the why, and more when it is wide. */
export function poolText(
  pools: FrontendItem['pools'],
  activePool: string | undefined,
  format: 'table' | 'wide',
  noun = 'pool',
): string {
  const width = Math.max(
    0,
    ...pools.flatMap(({ backends }) => backends.map(({ name }) => displayWidth(name))),
  );
  return pools
    .map(
      ({ name, backends }) =>
        `${noun} ${cellText(name)}${name === activePool ? ' [active]' : ''}\n` +
        (backends.length === 0 ? '  -\n' : backends.map((one) => targetLines(one, width, format)).join('')),
    )
    .join('');
}

/** `<name> weight <configured> effective <effective>`, and a mark when an operator disabled it. */
export function targetText({ name, weight, effective, enabled }: TargetItem, width = 0): string {
  const mark = enabled ? '' : ' [disabled]';
  return `${padTo(cellText(name), width)} weight ${weight} effective ${effective}${mark}`;
}

function targetLines(target: TargetItem, width: number, format: 'table' | 'wide'): string {
  const { why, override, state, since, flush, address, port } = target;
  const place =
    address === undefined ? undefined : endpointText({ address, ...(port !== undefined && { port }) });
  return [
    `  ${targetText(target, width)}\n`,
    `    why: ${cellText(why.text)}\n`,
    override ? `    override: ${cellText(overrideText(override))}\n` : '',
    format === 'wide'
      ? `    rule ${why.rule}, backend ${state}, flush ${flush}, address ${cellText(place)}, since ${since}\n`
      : '',
  ].join('');
}

function overrideText({ weight, at, expiresAt, ...note }: NonNullable<TargetItem['override']>): string {
  const until = expiresAt === undefined ? 'until it is set to default' : `until ${expiresAt}`;
  return `${weight} since ${at} ${until}, by ${noteText(note)}`;
}
