import { chmod, copyFile, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fact, PluginMode, PluginRequest, Resource } from '@signalbox/contracts';
import { buildPluginRequest } from '../domain/plugin-request.js';
import { executePlugin } from './execute-plugin.js';
import type { ExecutedPlugin } from './executed-plugin.js';
import { PluginPools } from './persistent/plugin-pools.js';
import { runProcess } from './run-process.js';

const SEARCH_PATH = process.env['PATH'] ?? '';

/** The example plugin as it is shipped (reference 6.10). */
const SHIPPED = fileURLToPath(new URL('../../../../examples/plugins/event-to-remote-claim', import.meta.url));
const NOW = Date.parse('2026-05-30T12:00:00.000Z');

const ends: string[] = [];
const pools = new PluginPools({ onEnded: (_, reason) => void ends.push(reason) });
let plugins: string;
let installed: string;

beforeAll(async () => {
  plugins = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-test-')));
  installed = join(plugins, 'event-to-remote-claim');
  await copyFile(SHIPPED, installed);
  await chmod(installed, 0o755);
});
afterAll(async () => {
  await pools.stop();
  await rm(plugins, { recursive: true });
});

const ONCE = { name: 'event-to-remote-claim', nowMs: NOW, validate: (input: unknown) => input as Resource };

function fact(id: string, more: Partial<Fact> = {}): Fact {
  return {
    id,
    group: 'cloudedge',
    sourceNode: 'onprem-event-node',
    type: 'routerd.client.ipv4.observed',
    subject: '10.88.60.9/32',
    dedupeKey: id,
    payload: { ownerSide: 'onprem' },
    observedAt: '2026-05-30T11:59:59Z',
    ...more,
  };
}

function request(...facts: Fact[]): PluginRequest {
  return buildPluginRequest({
    plugin: 'event-to-remote-claim',
    subscription: 'cloud-claims',
    facts,
    contextResources: [],
    startupConfigHash: '',
    effectiveGeneration: 0,
    previousDynamicGeneration: 0,
    nowMs: NOW,
    tag: 'run-1.1',
    capabilities: ['propose.dynamicConfig'],
  });
}

type Execute = (env: Record<string, string>, ...facts: Fact[]) => Promise<ExecutedPlugin>;

const executor = (mode: PluginMode): Execute => {
  return async (env, ...facts) => {
    const spec = { executable: installed, env, mode, capabilities: ['propose.dynamicConfig'] as const };
    return executePlugin({
      ...ONCE,
      spec,
      pluginDirs: [plugins],
      secretDirs: [plugins],
      searchPath: SEARCH_PATH,
      request: request(...facts),
      pools,
    });
  };
};

const CLAIM = {
  apiVersion: 'hybrid.routerd.net/v1alpha1',
  kind: 'RemoteAddressClaim',
  metadata: { name: 'onprem-10-88-60-9' },
  spec: {
    domainRef: 'edge-lan',
    address: '10.88.60.9/32',
    ownerSide: 'onprem',
    capture: {
      type: 'provider-secondary-ip',
      providerRef: 'example-provider',
      providerMode: 'nic-secondary-ip',
      nicRef: 'example-nic-ref',
      configureOSAddress: false,
    },
    delivery: { peerRef: 'onprem-main', mode: 'route', tunnelInterface: 'wg-hybrid' },
  },
};

describe.each(['oneshot', 'persistent'] as const)('%s', (mode) => {
  const execute = executor(mode);

  test('one claim per observed address, for 30 minutes', async () => {
    const { result } = await execute({}, fact('e1'));
    expect(result).toMatchObject({ ttlMs: 1_800_000, resources: [CLAIM], outcomes: [] });
  });

  test('what the payload says wins', async () => {
    const payload = {
      address: '10.88.60.10',
      ownerSide: 'cloud',
      domain: 'd',
      providerRef: 'p',
      nicRef: 'n',
      peerRef: 'r',
    };
    const { result } = await execute({ CLAIM_TTL: '90s' }, fact('e1', { payload }));
    expect(result?.ttlMs).toBe(90_000);
    expect(result?.resources[0]).toMatchObject({
      metadata: { name: 'cloud-10-88-60-10' },
      spec: {
        domainRef: 'd',
        address: '10.88.60.10/32',
        ownerSide: 'cloud',
        capture: { providerRef: 'p', nicRef: 'n' },
        delivery: { peerRef: 'r' },
      },
    });
  });

  test('events of another type are ignored and said to be; one address gives one claim', async () => {
    const { result } = await execute({}, fact('e1'), fact('e2', { type: 'other' }), fact('e3'));
    expect(result?.resources).toEqual([CLAIM]);
    expect(result?.outcomes).toEqual([
      { eventId: 'e2', outcome: 'ignored', reason: 'the type is not routerd.client.ipv4.observed' },
    ]);
  });

  test.each([
    ['no address', ''],
    ['a network', '10.88.60.0/24'],
    ['IPv6', 'fd00::1'],
    ['no octet', '10.88.60.256'],
  ])('P12 it invents nothing from %s', async (_, subject) => {
    const { error, execution } = await execute({}, fact('e1', { subject }));
    expect(error?.code).toBe('plugin-exit');
    expect(error?.message).toContain('event e1');
    expect(execution.exitCode).toBe(mode === 'oneshot' ? 1 : undefined);
  });
});

test('it runs where it is shipped, inside a package of ES modules', async () => {
  const stdin = JSON.stringify(request(fact('e1')));
  const outcome = await runProcess({
    path: SHIPPED,
    env: {},
    searchPath: SEARCH_PATH,
    timeoutMs: 10_000,
    stdin,
  });
  expect(outcome).toMatchObject({ exitCode: 0, stderrTail: '' });
  expect(JSON.parse(String(outcome.stdout))).toMatchObject({ status: { resources: [CLAIM] } });
});

test('P12 something else than a request', async () => {
  for (const stdin of ['', 'null', '{}', '[']) {
    const outcome = await runProcess({
      path: installed,
      env: {},
      searchPath: SEARCH_PATH,
      timeoutMs: 10_000,
      stdin,
    });
    expect(outcome).toMatchObject({ exitCode: 1, stdout: Buffer.alloc(0) });
    expect(outcome.stderrTail).toMatch(/^event-to-remote-claim: .+\n$/);
  }
});

test('persistent: an event it cannot use costs neither the process nor the next run', async () => {
  const execute = executor('persistent');
  const before = ends.length;
  expect((await execute({}, fact('e1', { subject: 'x' }))).error?.code).toBe('plugin-exit');
  expect((await execute({}, fact('e2'))).error).toBeUndefined();
  expect(ends.slice(before)).toEqual([]);
});

test('P13 it cannot call out: it loads no module and opens no connection', async () => {
  const source = await readFile(SHIPPED, 'utf8');
  expect(source).not.toMatch(/\b(require|import|fetch|WebSocket|getBuiltinModule|eval|Function)\b/);
});
