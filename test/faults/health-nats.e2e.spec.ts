import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Site, until } from '@signalbox/testing';
import {
  applyWorld,
  backend,
  becomes,
  command,
  findBackend,
  frontend,
  transitionsOf,
  webCheck,
  weighs,
} from '../e2e/balance-site.js';
import { WebServers } from '../e2e/web-servers.js';

jest.setTimeout(300_000);

const [FIRST, SECOND] = ['127.20.31.11', '127.20.31.12'] as const;
const CHECKED = { healthcheck: 'web' } as const;

describe('health checking without NATS', () => {
  let servers: WebServers;
  let site: Site;

  beforeAll(async () => {
    servers = await WebServers.start(FIRST, SECOND);
    site = await Site.start();
    await applyWorld(
      site,
      webCheck(servers.port),
      backend('a', FIRST, CHECKED),
      backend('b', SECOND, CHECKED),
      backend('s', '192.0.2.9'),
      frontend('vip', { primary: { a: 100 }, fallback: { b: 100 } }),
    );
    for (const name of ['a', 'b', 's']) await becomes(site, name, 'up');
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    await servers?.stop();
  }, 300_000);

  function signal(name: NodeJS.Signals): void {
    process.kill(site.nats.pid()!, name);
  }

  async function isLinked(name: string): Promise<void> {
    const oldestFirst = (await transitionsOf(site, name)).reverse();
    for (const [index, { version, from }] of oldestFirst.entries())
      expect([version, from]).toEqual([index + 1, oldestFirst[index - 1]?.to]);
  }

  it('what the network did meanwhile is recorded when NATS is back, in order and once', async () => {
    signal('SIGSTOP');
    const before = servers.at(SECOND).requests;
    await servers.at(FIRST).close();
    await until('probes to go on', () => servers.at(SECOND).requests >= before + 10);
    signal('SIGCONT');
    await becomes(site, 'a', 'down');
    await weighs(site, 'vip', { a: 0, b: 100 });
    await servers.at(FIRST).open();
    await becomes(site, 'a', 'up');
    await weighs(site, 'vip', { a: 100, b: 0 });
    await isLinked('a');
  });

  it('a killed NATS server takes nothing with it', async () => {
    signal('SIGKILL');
    await servers.at(FIRST).close();
    await becomes(site, 'a', 'down');
    await weighs(site, 'vip', { a: 0, b: 100 });
    await servers.at(FIRST).open();
    await becomes(site, 'a', 'up');
    await isLinked('a');
  });

  it('a command that NATS swallows is either in force or not, also after a restart', async () => {
    const asked = command(site, 's', 'disable', 'no ack').catch(() => undefined);
    signal('SIGKILL');
    await asked;
    const settled = await until('a command to be answered', () =>
      command(site, 's', 'pause').catch(isDisabled),
    );
    const { state } = await findBackend(site, 's');
    expect(settled === true ? 'disabled' : 'paused').toBe(state);
    await site.kill();
    await site.up();
    expect((await findBackend(site, 's')).state).toBe(state);
  });

  it('messages that are none stop nobody', async () => {
    const stranger = await site.rawNats();
    await stranger.publish('watermark.x', 'garbage');
    await stranger.publish('activity.backend.a', '{"backend":"a"}');
    await stranger.publish('journal.backend.s', 'not even JSON');
    await stranger.publish('activity.config.traffic', '{}');
    expect(await stranger.request('cmd.health.backend', '{"backend":"s","command":"disable"}')).toContain(
      'validation-failed',
    );
    expect(await stranger.request('cmd.balancer.weight', 'null')).toContain('validation-failed');
    stranger.close();

    await command(site, 's', 'enable').catch(() => command(site, 's', 'resume'));
    await command(site, 's', 'disable', 'after the noise');
    expect((await findBackend(site, 's')).state).toBe('disabled');
    await servers.at(FIRST).close();
    await becomes(site, 'a', 'down');
    await weighs(site, 'vip', { a: 0, b: 100 });
    await applyWorld(
      site,
      webCheck(servers.port),
      backend('b', SECOND, CHECKED),
      frontend('vip', { only: { b: 7 } }),
    );
    await weighs(site, 'vip', { b: 7 });
  });
});

/** Whether a refused pause says that the disable before it is in force; anything else is not an answer yet. */
function isDisabled(error: unknown): true | undefined {
  return String(error).includes('wrong-state') ? true : undefined;
}
