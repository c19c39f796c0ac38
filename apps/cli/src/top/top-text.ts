import { clip, padTo, plain } from '../output/cell.js';
import type { VitalsDto } from '../rest/rest-types.js';

/** Two looks at a site, between which something went on. */
export interface Looks {
  readonly before: VitalsDto;
  readonly now: VitalsDto;
}

/** The lines of `top`, at most so many and none wider than that. */
export function topText(
  { before, now }: Looks,
  { columns, rows }: { columns: number; rows: number },
): string[] {
  const seconds = Math.max(0.001, (Date.parse(now.at) - Date.parse(before.at)) / 1000);
  const lines = [
    `signalbox top  ${now.node}  ${now.at}  ${now.ready ? 'ready' : 'NOT READY'}`,
    `revision ${now.revision}  generation ${now.generation} (${rate(now.generation - before.generation, seconds)}/s)  alarms ${now.alarms}`,
    `runs      ${countsText(now.runs)}`,
    `backends  ${countsText(now.backends)}`,
    '',
    row('GROUP', 'FACTS', 'FACTS/S'),
    ...now.groups.map(({ name, accepted }) => {
      const was = before.groups.find((group) => group.name === name)?.accepted ?? accepted;
      return row(name, String(accepted), rate(accepted - was, seconds));
    }),
    '',
    row('PEER', 'PENDING', 'FAILED', 'LAG'),
    ...now.peers.map(({ group, peer, pending, failed, lagSeconds }) =>
      row(`${group} ${peer}`, String(pending), String(failed), `${lagSeconds}s`),
    ),
    '',
    row('CONSUMER', 'WAITING', 'IN WORK'),
    ...now.consumers.map(({ stream, name, lag, inWork }) =>
      row(`${stream} ${name}`, String(lag), String(inWork)),
    ),
  ];
  const shown =
    lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`] : lines;
  return shown.map((line) => clip(plain(line), columns));
}

const NAME_WIDTH = 46;
const NUMBER_WIDTH = 10;

function row(name: string, ...values: readonly string[]): string {
  const [cells] = [values.map((value) => value.padStart(NUMBER_WIDTH)).join('')];
  return `${padTo(clip(name, NAME_WIDTH), NAME_WIDTH)}${cells}`;
}

function rate(count: number, seconds: number): string {
  const perSecond = Math.max(0, count) / seconds;
  return perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

function countsText(counts: VitalsDto['runs']): string {
  return counts.length === 0 ? 'none' : counts.map(({ state, count }) => `${state} ${count}`).join('  ');
}
