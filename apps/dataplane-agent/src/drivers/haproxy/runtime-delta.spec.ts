import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import type { ServerRow } from './answers.js';
import { placeListener, type PlacedListener } from './placed-listener.js';
import { runtimeDelta } from './runtime-delta.js';

const ROW: ServerRow = {
  proxy: 'web',
  server: '10.0.0.1:80',
  address: '10.0.0.1',
  port: 80,
  weight: 50,
  isMaintained: false,
  isDrained: false,
};
const NAME = 'web/10.0.0.1:80';

function web(weights: Record<string, number>, changes: Partial<NodeListener> = {}): PlacedListener {
  const targets = Object.entries(weights).map(([address, weight]) => ({
    address,
    port: 80,
    weight,
    flushes: 0,
  }));
  return placeListener(
    {
      name: 'web',
      address: '192.0.2.10',
      protocol: 'http',
      port: 80,
      algorithm: 'round-robin',
      timeouts: DEFAULT_TIMEOUTS,
      targets,
      ...changes,
    },
    { address: '127.0.0.1', port: 8080 },
  );
}

function commands(weight: number, row: Partial<ServerRow>): readonly string[] {
  return runtimeDelta([web({ '10.0.0.1': weight })], [{ ...ROW, ...row }]).commands;
}

describe('what differs at run time', () => {
  it('is nothing for servers as they are wanted', () => {
    expect(commands(50, {})).toEqual([]);
    expect(commands(0, { weight: 0, isMaintained: true })).toEqual([]);
    const same = web({ '2001:db8::1': 1 });
    const row = { ...ROW, server: '2001:db8::1:80', address: '2001:DB8:0::1', weight: 1 };
    expect(runtimeDelta([same], [row]).commands).toEqual([]);
  });

  it.each<[string, number, Partial<ServerRow>, string[]]>([
    ['a weight', 7, {}, [`set server ${NAME} weight 7`]],
    ['a weight that goes', 0, {}, [`set server ${NAME} state maint`, `set server ${NAME} weight 0`]],
    [
      'a weight that comes back',
      7,
      { weight: 0, isMaintained: true },
      [`set server ${NAME} weight 7`, `set server ${NAME} state ready`],
    ],
    ['a drain by somebody else', 50, { isDrained: true }, [`set server ${NAME} state ready`]],
    ['an address by somebody else', 50, { port: 81 }, [`set server ${NAME} addr 10.0.0.1 port 80`]],
  ])('%s', (_what, weight, row, wanted) => expect(commands(weight, row)).toEqual(wanted));

  it('a target that is new is added in maintenance, and served when it has a weight', () => {
    const { commands, needsReload } = runtimeDelta([web({ '10.0.0.1': 50, '10.0.0.2': 3 })], [ROW]);
    expect(commands).toEqual([
      expect.stringMatching(/^add server web\/10\.0\.0\.2:80 10\.0\.0\.2:80 id \d+ weight 3$/),
      'set server web/10.0.0.2:80 state ready',
    ]);
    expect(needsReload).toBe(false);
    expect(runtimeDelta([web({ '10.0.0.1': 0 })], []).commands).toEqual([
      expect.stringMatching(/^add server web\/10\.0\.0\.1:80 10\.0\.0\.1:80 id \d+ weight 0$/),
    ]);
  });

  it('a target that leaves takes no more connections, and is removed when it has none', () => {
    expect(runtimeDelta([web({})], [ROW])).toEqual({
      commands: [`set server ${NAME} state maint`],
      tidying: [`del server ${NAME}`],
      needsReload: false,
    });
    expect(runtimeDelta([web({})], [{ ...ROW, isMaintained: true }]).commands).toEqual([]);
  });

  it('raises before it lowers, so that no listener is without a target in between', () => {
    const rows = [ROW, { ...ROW, server: '10.0.0.2:80', address: '10.0.0.2', weight: 0, isMaintained: true }];
    const { commands } = runtimeDelta([web({ '10.0.0.1': 0, '10.0.0.2': 50 })], rows);
    expect(commands.indexOf('set server web/10.0.0.2:80 state ready')).toBeLessThan(
      commands.indexOf(`set server ${NAME} state maint`),
    );
  });

  it('a missing server behind a cookie needs a reload', () => {
    const cookie = web({ '10.0.0.1': 50 }, { affinity: { type: 'http-cookie', cookie: 'S' } });
    expect(runtimeDelta([cookie], []).needsReload).toBe(true);
    expect(runtimeDelta([cookie], [ROW]).needsReload).toBe(false);
  });
});
