import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BACKEND_COMMANDS } from '@signalbox/contracts';
import { type RawNats, Site, until } from '@signalbox/testing';
import {
  applyWorld,
  backend,
  type BackendDetail,
  becomes,
  command,
  findBackend,
  findFrontend,
  frontend,
  type FrontendItem,
  historyOf,
  newestRecord,
  transitionsOf,
  webCheck,
  weighs,
  weightsOf,
} from './balance-site.js';
import { expectSilence, WebServers } from './web-servers.js';

jest.setTimeout(300_000);

const [FIRST, SECOND, THIRD] = ['127.20.30.11', '127.20.30.12', '127.20.30.13'] as const;
/** Each is probed by one test alone: which answer comes next depends on what was asked before. */
const ALTERNATING = { haproxy: '127.20.30.21', linear: '127.20.30.22' } as const;
const CHECKED = { healthcheck: 'web' } as const;
/** Probes that are watched where nothing is to come of them. */
const TEN = 10;
/** Several intervals, in which a probe would have come. */
const SILENT_MS = 500;
const CONFLICT_EXIT = 5;

/** Regressions by their id in reference maglev 11.4. Each test declares all the backends that there are. */
describe('rules of health checking', () => {
  let servers: WebServers;
  let site: Site;
  let nats: RawNats;

  beforeAll(async () => {
    servers = await WebServers.start(FIRST, SECOND, THIRD, ...Object.values(ALTERNATING));
    site = await Site.start();
    nats = await site.rawNats();
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  beforeEach(() => {
    for (const address of [FIRST, SECOND, THIRD]) servers.at(address).say({ status: 200 });
  });

  async function probedTenTimes(...addresses: string[]): Promise<void> {
    const wanted = addresses.map((address) => ({
      server: servers.at(address),
      before: servers.at(address).requests,
    }));
    for (const { server, before } of wanted)
      await until(`${TEN} probes of ${server.address}`, () => server.requests >= before + TEN);
  }

  /** The newest records of backends and of frontends. */
  async function newestRecords(): Promise<readonly number[]> {
    return [await newestRecord(nats, 'activity.backend.>'), await newestRecord(nats, 'activity.frontend.>')];
  }

  it('R1 pause and resume of a disabled backend are refused and change nothing', async () => {
    await applyWorld(site, backend('r1', '192.0.2.11'));
    await command(site, 'r1', 'disable', 'disk swap');
    const before = await findBackend(site, 'r1');
    expect(before).toMatchObject({ state: 'disabled', enabled: false });

    for (const verb of ['pause', 'resume'] as const) {
      const refused = await site.cli('set', 'backend', 'r1', verb);
      expect(refused).toMatchObject({ code: CONFLICT_EXIT, stdout: '' });
      expect(refused.stderr).toContain(`the backend is disabled, so it cannot ${verb}`);
      const { status, body } = await site.rest('POST', `/v1/backends/r1/${verb}`);
      expect({ status, body }).toMatchObject({ status: 409, body: { code: 'wrong-state' } });
      expect(await findBackend(site, 'r1')).toEqual(before);
    }
    expect(await command(site, 'r1', 'enable')).toMatchObject({ state: 'up', enabled: true });
  });

  it('an edit of enabled is the newer word, also when it is edited back', async () => {
    const world = (enabled: boolean) => [
      backend('e1', FIRST, { enabled }),
      frontend('e1-vip', { only: { e1: 100 } }),
    ];
    const state = async () => (await findBackend(site, 'e1')).state;
    await applyWorld(site, ...world(false));
    expect(await state()).toBe('disabled');
    await command(site, 'e1', 'enable');
    expect(await state()).toBe('up');
    await applyWorld(site, ...world(true));
    expect(await state()).toBe('up');
    await applyWorld(site, ...world(false));
    expect(await state()).toBe('disabled');

    await applyWorld(site, ...world(true));
    await command(site, 'e1', 'disable');
    await applyWorld(site, ...world(false));
    await applyWorld(site, ...world(true));
    expect(await state()).toBe('up');
    expect((await findBackend(site, 'e1')).transitions[1]).toMatchObject({ by: { author: 'config' } });
  });

  it('R2 what was disabled at run time is still disabled after a reload, and can be enabled', async () => {
    const world = (description: string) => [
      webCheck(servers.port),
      backend('r2', FIRST, CHECKED),
      frontend('r2-vip', { only: { r2: 100 } }, { description }),
    ];
    await applyWorld(site, ...world('before'));
    await becomes(site, 'r2', 'up');
    const disabled = await command(site, 'r2', 'disable');
    await applyWorld(site, ...world('after'));

    expect(await findFrontend(site, 'r2-vip')).toMatchObject({ description: 'after' });
    expect(await findBackend(site, 'r2')).toEqual(disabled);
    expect(disabled).toMatchObject({ state: 'disabled', enabled: false });
    await expectSilence(servers.at(FIRST), SILENT_MS);
    await command(site, 'r2', 'enable');
    await becomes(site, 'r2', 'up');
    await weighs(site, 'r2-vip', { r2: 100 });
  });

  it('R3 a command that is fulfilled already adds nothing to the history', async () => {
    await applyWorld(site, backend('r3', '192.0.2.11'));
    const versions: number[] = [];
    for (const verb of ['pause', 'pause', 'disable', 'disable', 'enable', 'enable', 'resume'] as const) {
      const { version, state, enabled } = await command(site, 'r3', verb);
      expect({ verb, enabled }).toEqual({ verb, enabled: state !== 'disabled' });
      versions.push(version);
    }
    const [start = 0] = versions;
    // enable of a static backend is two records: unknown, then up
    expect(versions.map((version) => version - start)).toEqual([0, 0, 1, 1, 3, 3, 3]);
  });

  it('R3 commands of several operators at once never leave flag and state apart', async () => {
    await applyWorld(site, backend('r3-all', '192.0.2.11'), frontend('r3-vip', { only: { 'r3-all': 100 } }));
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => {
        const verb = BACKEND_COMMANDS[(at * 7) % BACKEND_COMMANDS.length];
        return site.rest<BackendDetail>('POST', `/v1/backends/r3-all/${verb}`);
      }),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    // on a slow machine an answer may come before its consequences (202), or not in time (503)
    expect([...statuses].filter((status) => ![200, 202, 409, 503].includes(status))).toEqual([]);
    for (const { status, body } of answers)
      if (status === 200) expect(body.enabled).toBe(body.state !== 'disabled');
    const history = (await transitionsOf(site, 'r3-all')).reverse();
    expect(history.map(({ version }) => version)).toEqual(history.map((_, at) => at + 1));
    expect(history.slice(1).map(({ from }) => from)).toEqual(history.slice(0, -1).map(({ to }) => to));
    await until('the weight to follow the state', async () => {
      const { state, enabled } = await findBackend(site, 'r3-all');
      expect(enabled).toBe(state !== 'disabled');
      return (await weightsOf(site, 'r3-vip'))['r3-all'] === (state === 'up' ? 100 : 0);
    });
  });

  describe('R4 only the address is edited', () => {
    const world = (address: string) => [
      webCheck(servers.port),
      backend('r4', address, CHECKED),
      frontend('r4-vip', { only: { r4: 100 } }),
    ];

    it('of a backend that is up: the API shows the new one at once, and it alone is probed', async () => {
      await applyWorld(site, ...world(FIRST));
      await becomes(site, 'r4', 'up');
      const asked = servers.at(SECOND).requests;
      await applyWorld(site, ...world(SECOND));

      expect(await findBackend(site, 'r4')).toMatchObject({ address: SECOND });
      const { pools } = await findFrontend(site, 'r4-vip');
      expect(pools).toMatchObject([{ backends: [{ name: 'r4', address: SECOND }] }]);
      await expectSilence(servers.at(FIRST), SILENT_MS);
      expect(servers.at(SECOND).requests).toBeGreaterThan(asked);
      await becomes(site, 'r4', 'up');
      expect(historyOf(await transitionsOf(site, 'r4')).slice(-2)).toEqual([
        'up -> unknown address-changed',
        'unknown -> up L7OK',
      ]);
    });

    it.each(['pause', 'disable'] as const)(
      'after %s: that is still what the operator wants',
      async (verb) => {
        const state = verb === 'pause' ? 'paused' : 'disabled';
        await applyWorld(site, ...world(FIRST));
        await becomes(site, 'r4', 'up');
        const { by } = await command(site, 'r4', verb, 'it moves');
        await applyWorld(site, ...world(THIRD));

        expect(await findBackend(site, 'r4')).toMatchObject({ address: THIRD, state });
        expect((await transitionsOf(site, 'r4')).find(({ result }) => result.code === state)).toMatchObject({
          by: { ...by, reason: 'it moves' },
        });
        await expectSilence(servers.at(THIRD), SILENT_MS);
        await command(site, 'r4', verb === 'pause' ? 'resume' : 'enable');
        await until('a probe of the new address', () => servers.at(THIRD).requests > 0);
        await becomes(site, 'r4', 'up');
      },
    );
  });

  it('R5 all backends of a frontend move from IPv4 to IPv6 and back', async () => {
    const world = (first: string, second: string) => [
      backend('r5-a', first),
      backend('r5-b', second),
      frontend('r5-vip', { primary: { 'r5-a': 100 }, fallback: { 'r5-b': 100 } }),
    ];
    const ways = [
      ['192.0.2.11', '192.0.2.12'],
      ['2001:db8::11', '2001:db8::12'],
      ['192.0.2.11', '192.0.2.12'],
    ] as const;
    for (const [first, second] of ways) {
      await applyWorld(site, ...world(first, second));
      const { state, pools } = await findFrontend(site, 'r5-vip');
      expect(state).toBe('up');
      expect(pools.flatMap(({ backends }) => backends)).toMatchObject([
        { name: 'r5-a', address: first, state: 'up', effective: 100 },
        { name: 'r5-b', address: second, state: 'up', effective: 0 },
      ]);
    }
  });

  it('R7 nothing is recorded while nothing changes, with a disabled backend among the others', async () => {
    await applyWorld(
      site,
      webCheck(servers.port),
      backend('r7-a', FIRST, CHECKED),
      backend('r7-b', SECOND, CHECKED),
      backend('r7-off', THIRD, CHECKED),
      frontend('r7-vip', { primary: { 'r7-a': 100, 'r7-off': 100 }, fallback: { 'r7-b': 100 } }),
    );
    await command(site, 'r7-off', 'disable');
    await becomes(site, 'r7-a', 'up');
    await becomes(site, 'r7-b', 'up');
    await weighs(site, 'r7-vip', { 'r7-a': 100, 'r7-off': 0, 'r7-b': 0 });
    const before = await newestRecords();
    await probedTenTimes(FIRST, SECOND);
    expect(await newestRecords()).toEqual(before);
    expect(Math.min(...before)).toBeGreaterThan(0);
  });

  it('R10 a static backend is up as soon as it is applied', async () => {
    await applyWorld(site, backend('r10', '192.0.2.11'), frontend('r10-vip', { only: { r10: 40 } }));
    expect(await findBackend(site, 'r10')).toMatchObject({ state: 'up', enabled: true });
    expect(await weightsOf(site, 'r10-vip')).toEqual({ r10: 40 });
    expect(historyOf(await transitionsOf(site, 'r10'))).toEqual([
      'new -> unknown started',
      'unknown -> up static',
    ]);
  });

  it('R11 the history after disable and enable goes disabled -> unknown -> up', async () => {
    await applyWorld(site, webCheck(servers.port), backend('r11', FIRST, CHECKED));
    await becomes(site, 'r11', 'up');
    await command(site, 'r11', 'disable');
    await command(site, 'r11', 'enable', 'repaired');
    await becomes(site, 'r11', 'up');
    const history = await transitionsOf(site, 'r11');
    expect(historyOf(history)).toEqual([
      'new -> unknown started',
      'unknown -> up L7OK',
      'up -> disabled disabled',
      'disabled -> unknown enabled',
      'unknown -> up L7OK',
    ]);
    expect(history.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1]);
    expect(history[1]).toMatchObject({ by: { reason: 'repaired' } });
  });

  it.each([
    ['pause', 'paused', 'resume'],
    ['disable', 'disabled', 'enable'],
  ] as const)('R12 an answer that comes after %s changes nothing', async (verb, state, back) => {
    const name = `r12-${verb}`;
    const server = servers.at(FIRST);
    await applyWorld(site, webCheck(servers.port, { timeout: '30s' }), backend(name, FIRST, CHECKED));
    await becomes(site, name, 'up');
    server.say('hang');
    await until('a probe to wait for its answer', () => server.unanswered > 0);
    const { version } = await command(site, name, verb);
    server.say({ status: 503 });
    await expectSilence(server, SILENT_MS);
    expect(await findBackend(site, name)).toMatchObject({ state, version });

    server.say({ status: 200 });
    await command(site, name, back);
    await becomes(site, name, 'up');
    expect(historyOf((await transitionsOf(site, name)).slice(0, 3))).toEqual([
      `up -> ${state} ${state}`,
      `${state} -> unknown ${back}d`,
      'unknown -> up L7OK',
    ]);
  });

  it('R13 a frontend whose weights are all 0 is down everywhere, although its backends are up', async () => {
    const [a, b] = [backend('r13-a', '192.0.2.11'), backend('r13-b', '192.0.2.12')];
    await applyWorld(
      site,
      a,
      b,
      frontend('r13-vip', { primary: { 'r13-a': 0 }, fallback: { 'r13-b': 100 } }),
    );
    for (const name of ['r13-a', 'r13-b'])
      expect(await findBackend(site, name)).toMatchObject({ state: 'up' });
    expect(await weightsOf(site, 'r13-vip')).toEqual({ 'r13-a': 0, 'r13-b': 0 });

    expect(await findFrontend(site, 'r13-vip')).toMatchObject({ state: 'down' });
    const listed = await site.all<FrontendItem>('/v1/frontends');
    expect(listed.find(({ name }) => name === 'r13-vip')).toMatchObject({ state: 'down' });
    expect((await site.cli('show', 'frontends', 'r13-vip')).stdout).toMatch(/^state\s+down$/m);
    expect((await site.cli('show', 'frontends')).stdout).toMatch(/^r13-vip\s.*\sdown\s/m);
    const metrics = await (await fetch(`${site.url}/metrics`)).text();
    expect(metrics.split('\n')).toContain('signalbox_frontend_state{frontend="r13-vip",state="down"} 1');
  });

  it('R18 a namespace that cannot be entered: down with L4CON and a reason that people can read', async () => {
    const netns = 'signalbox-test-none';
    await applyWorld(site, webCheck(servers.port, { netns }), backend('r18', FIRST, CHECKED));
    const { result } = await becomes(site, 'r18', 'down');
    expect(result).toMatchObject({ ok: false, code: 'L4CON', detail: expect.stringContaining(netns) });
  });

  describe('R20 answers that alternate', () => {
    async function applyCounter(counter: 'haproxy' | 'linear'): Promise<string> {
      const address = ALTERNATING[counter];
      servers.at(address).say({ status: 200 }, { status: 503 });
      const name = `r20-${counter}`;
      // an answer that came too late would be a failure, and every answer after it out of step
      const check = webCheck(servers.port, { counter, fall: 3, timeout: '60s' });
      await applyWorld(site, check, backend(name, address, CHECKED));
      return name;
    }

    it('are one transition with the default counter', async () => {
      const name = await applyCounter('haproxy');
      await probedTenTimes(ALTERNATING.haproxy);
      expect(historyOf(await transitionsOf(site, name))).toEqual([
        'new -> unknown started',
        'unknown -> up L7OK',
      ]);
    });

    it('are the documented flaps with the literal one', async () => {
      const name = await applyCounter('linear');
      const history = await until('many transitions', async () => {
        const found = historyOf(await transitionsOf(site, name));
        return found.length >= TEN && found;
      });
      expect(history.slice(1, 5)).toEqual([
        'unknown -> up L7OK',
        'up -> down L7STS',
        'down -> up L7OK',
        'up -> down L7STS',
      ]);
    });
  });

  it('a backend is probed once, however many frontends use it', async () => {
    const [alone, shared] = [servers.at(FIRST), servers.at(SECOND)];
    await applyWorld(
      site,
      webCheck(servers.port),
      backend('once-alone', FIRST, CHECKED),
      backend('once-shared', SECOND, CHECKED),
      ...[1, 2, 3, 4].map((last) =>
        frontend(`once-${last}`, { only: { 'once-shared': 100 } }, { address: `192.0.2.${last}` }),
      ),
    );
    const before = [alone.requests, shared.requests] as const;
    await until('probes', () => alone.requests >= before[0] + TEN);
    // four times as many if each frontend probed; intervals vary by a tenth
    expect(shared.requests - before[1]).toBeLessThan(2 * TEN);
    expect(shared.requests - before[1]).toBeGreaterThan(TEN / 2);
  });
});
