import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Alarm, BALANCE_API, type HealthResult } from '@signalbox/contracts';
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
  transitionsOf,
  webCheck,
  weighs,
  weightsOf,
} from './balance-site.js';
import { EventStream, type StreamedEvent } from './event-stream.js';
import { manifest, resource } from './manifests.js';
import { expectSilence, WebServers } from './web-servers.js';

jest.setTimeout(300_000);

const [FIRST, SECOND, THIRD] = ['127.20.30.11', '127.20.30.12', '127.20.30.13'] as const;
const CHECKED = { healthcheck: 'web' } as const;
const BROKEN = { status: 503 } as const;
/** Several intervals, in which a probe would have come. */
const SILENT_MS = 500;
/** More rounds of commands than fit into the time of a test. */
const ROUNDS = 10_000;

describe('health checking at work', () => {
  let servers: WebServers;
  let site: Site;
  let nats: RawNats;

  beforeAll(async () => {
    servers = await WebServers.start(FIRST, SECOND, THIRD);
    site = await Site.start();
    nats = await site.rawNats();
  }, 300_000);

  afterAll(async () => {
    nats?.close();
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  beforeEach(async () => {
    for (const address of [FIRST, SECOND, THIRD]) {
      await servers.at(address).close();
      await servers.at(address).open();
      servers.at(address).say({ status: 200 });
    }
  });

  async function probed(address: string, times: number): Promise<void> {
    const server = servers.at(address);
    const before = server.requests;
    await until(`${times} probes of ${address}`, () => server.requests >= before + times);
  }

  describe('reload (reference 3.12)', () => {
    /** Reloads a maglev.yaml of these backends through the CLI. */
    async function reload(backends: Readonly<Record<string, object>>, check: object = {}): Promise<void> {
      const http = { type: 'http', port: servers.port, interval: '100ms', timeout: '1s', rise: 2, fall: 2 };
      const members = Object.fromEntries(Object.keys(backends).map((name) => [name, { weight: 100 }]));
      const vip = { address: '192.0.2.1', pools: [{ name: 'only', backends: members }] };
      const file = join(site.stateDir, 'maglev.yaml');
      const maglev = {
        healthchecks: { 'http-check': { ...http, ...check } },
        backends,
        frontends: { 're-vip': vip },
      };
      await writeFile(file, JSON.stringify({ maglev }));
      const { code, stderr } = await site.cli('config', 'reload', file);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }

    const stays = { address: FIRST, healthcheck: 'http-check' };
    const leaves = { address: SECOND, healthcheck: 'http-check' };

    beforeAll(() => applyWorld(site, webCheck(servers.port)));

    afterAll(async () => {
      const file = join(site.stateDir, 'maglev.yaml');
      await writeFile(file, '{"maglev": {}}');
      await site.cli('config', 'reload', file);
    });

    it('a backend that leaves the file is removed; added again, its versions go on and it is probed', async () => {
      await reload({ 're-stays': stays, 're-leaves': leaves });
      for (const name of ['re-stays', 're-leaves']) await becomes(site, name, 'up');
      const [before, { version }] = [
        await findBackend(site, 're-stays'),
        await findBackend(site, 're-leaves'),
      ];
      await reload({ 're-stays': stays });

      const removed = await site.all<BackendDetail>('/v1/backends?state=removed');
      expect(removed.find(({ name }) => name === 're-leaves')).toMatchObject({
        state: 'removed',
        version: version + 1,
        result: { code: 'removed' },
      });
      const names = (await site.all<BackendDetail>('/v1/backends')).map(({ name }) => name);
      expect(names).toEqual(['re-stays']);
      expect(await weightsOf(site, 're-vip')).toEqual({ 're-stays': 100 });
      await expectSilence(servers.at(SECOND), SILENT_MS);
      expect(await (await fetch(`${site.url}/metrics`)).text()).not.toContain('re-leaves');

      await reload({ 're-stays': stays, 're-leaves': leaves });
      await probed(SECOND, 1);
      await becomes(site, 're-leaves', 'up');
      await weighs(site, 're-vip', { 're-stays': 100, 're-leaves': 100 });
      const history = await transitionsOf(site, 're-leaves');
      expect(history.map((one) => `${one.version} ${one.from ?? 'new'} -> ${one.to}`).slice(0, 3)).toEqual([
        `${version + 3} unknown -> up`,
        `${version + 2} new -> unknown`,
        `${version + 1} up -> removed`,
      ]);
      const { version: same, since } = await findBackend(site, 're-stays');
      expect({ version: same, since }).toEqual({ version: before.version, since: before.since });
    });

    it('a changed check keeps what is up until its first result, which decides', async () => {
      await reload({ 're-check': stays });
      await becomes(site, 're-check', 'up');
      await reload({ 're-check': stays }, { fall: 3 });
      const [changed] = await transitionsOf(site, 're-check');
      expect(changed).toMatchObject({ from: 'up', to: 'up', result: { code: 'check-changed' } });
      expect(await weightsOf(site, 're-vip')).toEqual({ 're-check': 100 });
      await probed(FIRST, 3);
      expect((await transitionsOf(site, 're-check'))[0]).toEqual(changed);

      await reload({ 're-check': stays }, { fall: 3, params: { 'response-code': 204 } });
      const { result } = await becomes(site, 're-check', 'down');
      expect(result).toMatchObject({ code: 'L7STS', detail: 'HTTP 200' });
    });

    it('enabled: false of the file disables, and true enables again', async () => {
      await reload({ 're-off': { ...stays, enabled: false } });
      expect(await findBackend(site, 're-off')).toMatchObject({ state: 'disabled', enabled: false });
      await expectSilence(servers.at(FIRST), SILENT_MS);
      await reload({ 're-off': { ...stays, enabled: true } });
      await becomes(site, 're-off', 'up');
    });
  });

  describe('a backend that sends heartbeats', () => {
    beforeAll(() =>
      applyWorld(
        site,
        resource(BALANCE_API, 'HealthCheck', 'beat', { type: 'push', params: { ttl: '1s' } }),
        backend('pu-a', '192.0.2.11', { healthcheck: 'beat' }),
        backend('pu-static', '192.0.2.12'),
      ),
    );

    const path = (name: string): string => `/v1/backends/${name}/heartbeat`;

    it('is up by one over REST, and down when the next one does not come', async () => {
      expect(await site.rest('POST', path('pu-a'))).toMatchObject({ status: 202, body: { accepted: true } });
      expect((await becomes(site, 'pu-a', 'up')).result).toMatchObject({ code: 'L7OK', detail: 'heartbeat' });
      const { result } = await becomes(site, 'pu-a', 'down');
      expect(result).toMatchObject({ ok: false, code: 'L7TOUT', detail: 'no heartbeat for 1 s' });
    });

    it('is up by a plain message to heartbeat.<name>, and down when it says so itself', async () => {
      await nats.publish('heartbeat.pu-a', '');
      await becomes(site, 'pu-a', 'up');
      await nats.publish('heartbeat.pu-a', '{"ok": false, "detail": "the disk is full"}');
      const { result } = await becomes(site, 'pu-a', 'down');
      expect(result).toMatchObject({ code: 'L7RSP', detail: 'the disk is full' });
    });

    it('X27 leaves a trace when a heartbeat is no use: a count, and the first in the log', async () => {
      for (const [name, body] of [
        ['pu-a', '{"ok": "yes"}'],
        ['pu-nobody', ''],
        ['pu-nobody', ''],
        ['pu-static', ''],
      ] as const)
        await nats.publish(`heartbeat.${name}`, body);
      const metrics = async (): Promise<string[]> =>
        (await (await fetch(`${site.url}/metrics`)).text())
          .split('\n')
          .filter((line) => line.startsWith('signalbox_heartbeats_refused_total{'))
          .sort();
      await until('all kinds to be counted', async () => (await metrics()).length === 3);
      expect(await metrics()).toEqual([
        'signalbox_heartbeats_refused_total{code="not-found"} 2',
        'signalbox_heartbeats_refused_total{code="validation-failed"} 1',
        'signalbox_heartbeats_refused_total{code="wrong-state"} 1',
      ]);
      const lines = site.log.split('\n').filter((line) => line.includes('a heartbeat was refused'));
      expect(lines.map((line) => (JSON.parse(line) as { subject: string }).subject)).toEqual([
        'heartbeat.pu-a',
        'heartbeat.pu-nobody',
        'heartbeat.pu-static',
      ]);
    });

    it('is the only kind that may: 409 for others, 404 for nobody', async () => {
      expect(await site.rest('POST', path('pu-static'))).toMatchObject({
        status: 409,
        body: { code: 'wrong-state' },
      });
      expect((await site.rest('POST', path('pu-nobody'))).status).toBe(404);
      expect((await findBackend(site, 'pu-static')).state).toBe('up');
    });
  });

  it('a tcp check looks at the connection alone', async () => {
    servers.at(FIRST).say(BROKEN);
    await applyWorld(site, webCheck(servers.port, { type: 'tcp' }), backend('tcp-a', FIRST, CHECKED));
    const code = async (state: 'up' | 'down'): Promise<HealthResult['code']> =>
      (await becomes(site, 'tcp-a', state)).result.code;
    expect(await code('up')).toBe('L4OK');
    await servers.at(FIRST).close();
    expect(await code('down')).toBe('L4CON');
    await servers.at(FIRST).open();
    expect(await code('up')).toBe('L4OK');
  });

  describe('what happens, as it happens', () => {
    beforeAll(() =>
      applyWorld(
        site,
        backend('nginx1', '192.0.2.11'),
        backend('nginx2', '192.0.2.12'),
        frontend('ev-vip', { primary: { nginx1: 100 }, fallback: { nginx2: 100 } }),
      ),
    );

    it('watch events num 3 backend nginx1 prints three JSON lines and ends', async () => {
      let ended = false;
      const watching = site
        .cli('watch', 'events', 'num', '3', 'backend', 'nginx1')
        .finally(() => (ended = true));
      // nobody can tell when it has connected, so something happens until it has seen enough
      for (let round = 0; !ended && round < ROUNDS; round += 1)
        for (const name of ['nginx1', 'nginx2']) {
          await command(site, name, 'pause');
          await command(site, name, 'resume');
        }
      const { code, stdout, stderr } = await watching;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as StreamedEvent['data']);
      expect(events.map(({ type, backend: name }) => [type, name])).toEqual(
        Array.from({ length: 3 }, () => ['backend', 'nginx1']),
      );
      expect(events.map(({ synthetic }) => synthetic)).toEqual([true, undefined, undefined]);
      const [first, ...others] = events.map(({ version }) => version);
      expect(others).toEqual([first! + 1, first! + 2]);
    });

    it('a stream that resumes gets exactly the events that it missed', async () => {
      const whole = await EventStream.open(site, 'kind=backend,frontend');
      const cut = await EventStream.open(site, 'kind=backend,frontend');
      const present = (await findBackend(site, 'nginx2')).version;
      await command(site, 'nginx2', 'pause');
      const isLast =
        (version: number) =>
        ({ data }: StreamedEvent): boolean =>
          data.backend === 'nginx2' && data.version === version && data.synthetic === undefined;
      const { id } = await cut.seen('the pause', isLast(present + 1));
      await cut.close();

      await command(site, 'nginx1', 'disable');
      await command(site, 'nginx1', 'enable');
      const { version } = await command(site, 'nginx2', 'resume');
      const again = await EventStream.open(site, 'kind=backend,frontend', id);
      for (const stream of [whole, again]) await stream.seen('the resumption', isLast(version));
      const frontendVersion = whole.events.findLast(({ data }) => data.type === 'frontend')!.data.version;
      for (const stream of [whole, again])
        await stream.seen(
          'the weights',
          ({ data }) => data.frontend !== undefined && data.version === frontendVersion,
        );

      // both kinds come in the order of their records; how they mix is left open
      const before = cut.events.slice(0, cut.events.findIndex((event) => event.id === id) + 1);
      for (const kind of ['backend', 'frontend'] as const) {
        const of = (events: readonly StreamedEvent[]): readonly object[] =>
          events.map(({ data }) => data).filter(({ type }) => type === kind);
        expect(of(again.events).length).toBeGreaterThan(0);
        expect([...of(before), ...of(again.events)]).toEqual(of(whole.events));
      }
      expect(again.events.filter(({ data }) => data.synthetic)).toEqual([]);
      await Promise.all([whole.close(), again.close()]);
    });

    it('a Last-Event-ID that no event had is refused', async () => {
      const { status, body } = await site.rest('GET', '/v1/stream', undefined, {
        'last-event-id': 'yesterday',
      });
      expect({ status, body }).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    });
  });

  /** `show alarms`. */
  function alarms(): Promise<Alarm[]> {
    return site.json<Alarm[]>('show', 'alarms');
  }

  /** The alarm of a backend. */
  async function alarmOf(name: string): Promise<Alarm | undefined> {
    return (await alarms()).find((alarm) => alarm.kind === 'backend-down' && alarm.name === name);
  }

  it('alarms are silent in a maintenance window and while a dependency is down; probes go on', async () => {
    const world = [
      webCheck(servers.port),
      backend('al-switch', FIRST, CHECKED),
      backend('al-host', SECOND, { ...CHECKED, dependsOn: ['al-switch'] }),
      backend('al-other', THIRD, CHECKED),
    ];
    await applyWorld(site, ...world);
    for (const address of [FIRST, SECOND, THIRD]) servers.at(address).say(BROKEN);
    for (const name of ['al-switch', 'al-host', 'al-other']) await becomes(site, name, 'down');
    expect(await alarmOf('al-switch')).toEqual({
      kind: 'backend-down',
      name: 'al-switch',
      since: (await findBackend(site, 'al-switch')).since,
      text: 'backend al-switch is down: L7STS HTTP 503',
    });
    expect(await alarmOf('al-host')).toMatchObject({ silencedBy: 'Backend/al-switch is down' });
    expect(await alarmOf('al-other')).not.toHaveProperty('silencedBy');

    const window = resource(BALANCE_API, 'MaintenanceWindow', 'tonight', {
      from: '2020-01-01T00:00:00Z',
      to: '2999-01-01T00:00:00Z',
      reason: 'power work',
      backends: ['al-other'],
    });
    await applyWorld(site, ...world, window);
    expect(await alarmOf('al-other')).toMatchObject({ silencedBy: 'MaintenanceWindow/tonight: power work' });
    expect(await alarmOf('al-switch')).not.toHaveProperty('silencedBy');
    await probed(THIRD, 2);

    servers.at(FIRST).say({ status: 200 });
    await becomes(site, 'al-switch', 'up');
    expect(await alarmOf('al-host')).not.toHaveProperty('silencedBy');
    servers.at(THIRD).say({ status: 200 });
    await becomes(site, 'al-other', 'up');
    expect(await alarmOf('al-other')).toBeUndefined();
  });

  it('many backends that fail at once are held for one interval: an alarm first, then they are down', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `ma-${at}`);
    // they are looked at while they are held, which is for an interval: longer than looking takes
    const check = webCheck(servers.port, { interval: '2s', fastInterval: '2s' });
    await applyWorld(site, check, ...names.map((name) => backend(name, FIRST, CHECKED)));
    for (const name of names) await becomes(site, name, 'up');
    await servers.at(FIRST).close();

    const held = new Set<string>();
    const [alarm] = await Promise.all([
      until('the alarm', async () => {
        const { body } = await site.rest<{ items: Alarm[] }>('GET', '/v1/alarms');
        return body.items.find(({ kind }) => kind === 'mass-failure');
      }),
      until('each to be up with two failures', async () => {
        const lines = (await (await fetch(`${site.url}/metrics`)).text()).split('\n');
        for (const name of names) {
          const failures = lines.find((line) =>
            line.startsWith(`maglev_probe_total{backend="${name}",code="L4CON"`),
          );
          const isUp = lines.some(
            (line) => line.includes(`backend="${name}"`) && line.endsWith('state="up"} 1'),
          );
          if (isUp && Number(failures?.split(' ').at(-1)) >= 2) held.add(name);
        }
        return held.size === names.length;
      }),
    ]);
    expect(alarm).toMatchObject({
      name: 'health',
      text: expect.stringContaining('many backends fail at once'),
    });
    for (const name of names) await becomes(site, name, 'down');
    await until('the alarm to end', async () =>
      (await alarms()).every(({ kind }) => kind !== 'mass-failure'),
    );
  });

  describe('a config that is wrong', () => {
    it('is refused whole and changes nothing', async () => {
      await applyWorld(site, backend('wr-a', '192.0.2.11'), frontend('wr-vip', { only: { 'wr-a': 100 } }));
      const before = [await findBackend(site, 'wr-a'), await findFrontend(site, 'wr-vip')];
      const { status, body } = await site.rest(
        'POST',
        '/v1/apply?set=world',
        manifest(
          backend('wr-a', '192.0.2.99'),
          backend('wr-new', '192.0.2.12'),
          frontend('wr-vip', { only: { 'wr-a': 101 } }),
        ),
      );
      expect({ status, body }).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
      expect([await findBackend(site, 'wr-a'), await findFrontend(site, 'wr-vip')]).toEqual(before);
      expect((await site.rest('GET', '/v1/backends/wr-new')).status).toBe(404);
    });

    it.each([
      ['right', 0, '{"maglev": {"backends": {"a": {"address": "192.0.2.1"}}}}'],
      ['of a wrong structure', 1, '{"maglev": {"backends": {"a": {"adress": "192.0.2.1"}}}}'],
      [
        'wrong in itself',
        2,
        '{"maglev": {"backends": {"a": {"address": "192.0.2.1", "healthcheck": "none"}}}}',
      ],
      [
        'wrong for a data plane (R21)',
        2,
        JSON.stringify({
          maglev: {
            backends: { a: { address: '192.0.2.1' } },
            frontends: Object.fromEntries(
              [{}, { protocol: 'tcp', port: 80 }].map((change, at) => [
                `vip-${at}`,
                { address: '192.0.2.9', ...change, pools: [{ name: 'only', backends: { a: {} } }] },
              ]),
            ),
          },
        }),
      ],
    ])('config check of a file that is %s exits %i', async (_, wanted, text) => {
      const file = join(site.stateDir, 'checked.yaml');
      await writeFile(file, text);
      const { code, stderr } = await site.cli('config', 'check', file);
      expect({ code, stderr }).toMatchObject({ code: wanted });
    });
  });
});
