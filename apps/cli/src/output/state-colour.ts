import type { Paint } from './colour.js';

/** Titles of columns whose texts are states, and are coloured as such. */
const STATE_TITLES: ReadonlySet<string> = new Set([
  'ACTION',
  'EQUAL',
  'OPERATING',
  'OUTCOME',
  'PROVISIONING',
  'READY',
  'RESULT',
  'ROLE',
  'STATE',
  'STATUS',
  'VERDICT',
]);

const GOOD = 'active added announced applied delivered leased ok online ready succeeded synced up yes';
const BAD =
  'dead degraded down error failed held missing no offline quarantined refused rejected removed revoked';
const GOING =
  'changed drained drifted draining pending proposed queued retrying running starting paused unavailable unknown waiting warning';
const OVER = 'disabled expired skipped superseded unchanged withdrawn';

const STYLES: ReadonlyMap<string, 'green' | 'red' | 'yellow' | 'dim'> = new Map([
  ...GOOD.split(' ').map((word) => [word, 'green'] as const),
  ...BAD.split(' ').map((word) => [word, 'red'] as const),
  ...GOING.split(' ').map((word) => [word, 'yellow'] as const),
  ...OVER.split(' ').map((word) => [word, 'dim'] as const),
]);

/** Whether a column of this title tells states. */
export function tellsStates(title: string): boolean {
  return STATE_TITLES.has(title);
}

/** A state in its colour, by its first word; a word that is no state stays as it is. */
export function paintState(state: string, paint: Paint): string {
  const [word = ''] = state.toLowerCase().split(/[^a-z]/, 1);
  const style = STYLES.get(word);
  return style === undefined ? state : paint(style, state);
}
