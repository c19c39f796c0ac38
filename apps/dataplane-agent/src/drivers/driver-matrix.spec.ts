import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ALGORITHMS, type Capabilities, NODE_PROTOCOLS } from '@signalbox/contracts';
import { HAPROXY_CAPABILITIES } from './haproxy/haproxy-capabilities.js';
import { NFTABLES_CAPABILITIES } from './nftables/nftables-capabilities.js';
import { SIM_CAPABILITIES } from './sim/sim-capabilities.js';
import { VPP_CAPABILITIES } from './vpp/vpp-capabilities.js';

const PAGE = 'docs/reference/data-planes.md';
const BEGIN = '<!-- begin: what the drivers say -->';
const END = '<!-- end -->';
const DRIVERS: Readonly<Record<string, Capabilities>> = {
  sim: SIM_CAPABILITIES,
  haproxy: HAPROXY_CAPABILITIES,
  nftables: NFTABLES_CAPABILITIES,
  vpp: VPP_CAPABILITIES,
};
const AFFINITIES = ['source-ip', 'http-cookie', 'app-cookie'] as const;

type Can = (capabilities: Capabilities) => boolean | number | readonly string[];

const ROWS: readonly (readonly [string, Can])[] = [
  ...NODE_PROTOCOLS.map((name): [string, Can] => [`protocol \`${name}\``, has('protocols', name)]),
  ...ALGORITHMS.map((name): [string, Can] => [`algorithm \`${name}\``, has('algorithms', name)]),
  ...AFFINITIES.map((name): [string, Can] => [`affinity \`${name}\``, has('affinity', name)]),
  ['connections of one target can be cut', ({ flush }) => flush],
  ['a target may have another port than the VIP', ({ targetPorts }) => targetPorts],
  ['VIP and target of different families', ({ mixedFamilies }) => mixedFamilies],
  ['connection limit of a listener', ({ connectionLimit }) => connectionLimit],
  ['PROXY protocol towards targets', ({ proxyProtocol = false }) => proxyProtocol],
  ['requests rejected, redirected, sent to other pools', ({ policies = false }) => policies],
  ['requests counted by status', ({ requestCounters = false }) => requestCounters],
  ['direct server return, with', ({ dsr = [] }) => dsr],
  ['targets of a listener, most', ({ maxTargets }) => maxTargets],
];

function has<K extends 'protocols' | 'algorithms' | 'affinity'>(list: K, name: Capabilities[K][number]): Can {
  return (capabilities) => (capabilities[list] as readonly string[]).includes(name);
}

/** The table as Prettier would write it. */
function matrix(): string {
  const cells = [
    ['', ...Object.keys(DRIVERS).map((name) => `\`${name}\``)],
    ...ROWS.map(([title, can]) => [title, ...Object.values(DRIVERS).map((one) => cell(can(one)))]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[], fill: string): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!, fill)).join(' | ')} |`;
  const [titles = [], ...rows] = cells;
  const rule = titles.map(() => '');
  return `${[line(titles, ' '), line(rule, '-'), ...rows.map((row) => line(row, ' '))].join('\n')}\n`;
}

function cell(can: ReturnType<Can>): string {
  if (typeof can === 'object') return can.map((name) => `\`${name}\``).join(', ') || '-';
  if (typeof can === 'number') return can.toLocaleString('en');
  return can ? 'yes' : '-';
}

describe('what drivers can do', () => {
  /** `UPDATE_DOCS=1 npm run unit -- --testPathPatterns driver-matrix` writes the table of the page. */
  it('is what docs/reference/data-planes.md says', () => {
    const page = readFileSync(PAGE, 'utf8');
    const [before, behind] = [page.split(BEGIN)[0], page.split(END)[1]];
    const written = `${before}${BEGIN}\n\n${matrix()}\n${END}${behind}`;
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, written);
    expect(readFileSync(PAGE, 'utf8')).toBe(written);
  });

  it('has a row for everything that a driver may say', () => {
    const some = Object.values(DRIVERS).flatMap(({ protocols, algorithms, affinity }) => [
      ...protocols,
      ...algorithms,
      ...affinity,
    ]);
    const titles = ROWS.map(([title]) => /`(.*)`/.exec(title)?.[1]);
    expect(titles).toEqual(expect.arrayContaining(some));
    expect(ROWS.filter(([title]) => !title.includes('`'))).toHaveLength(
      Object.keys(SIM_CAPABILITIES).length - ['protocols', 'algorithms', 'affinity'].length,
    );
  });
});
