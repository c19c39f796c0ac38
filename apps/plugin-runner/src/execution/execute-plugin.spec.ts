import { chmod, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256Hex, type PluginSpec, type Resource } from '@signalbox/contracts';
import { buildContext } from '../domain/plugin-context.js';
import { buildPluginRequest } from '../domain/plugin-request.js';
import { executePlugin } from './execute-plugin.js';
import type { ExecutedPlugin, PluginExecution } from './executed-plugin.js';

const SEARCH_PATH = process.env['PATH'] ?? '';

const NOW = Date.parse('2026-05-30T12:00:00.000Z');
const CLAIM = {
  apiVersion: 'hybrid.routerd.net/v1alpha1',
  kind: 'RemoteAddressClaim',
  metadata: { name: 'onprem-10-88-60-9' },
  spec: { address: '10.88.60.9/32' },
};
const RESULT = {
  apiVersion: 'plugin.routerd.net/v1alpha1',
  kind: 'PluginResult',
  status: { ttl: '30m', resources: [CLAIM] },
};

let plugins: string;
let written = 0;

beforeAll(async () => {
  plugins = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-test-')));
});
afterAll(() => rm(plugins, { recursive: true }));

async function plugin(...lines: string[]): Promise<string> {
  const path = join(plugins, `plugin-${(written += 1)}`);
  await writeFile(path, `${['#!/bin/sh', ...lines].join('\n')}\n`);
  await chmod(path, 0o755);
  return path;
}

async function writer(result: unknown): Promise<string> {
  return plugin(
    "cat >/dev/null; cat <<'END'",
    typeof result === 'string' ? result : JSON.stringify(result),
    'END',
  );
}

async function execute(
  executable: string,
  spec: Partial<PluginSpec> = {},
  more: Partial<PluginExecution> = {},
): Promise<ExecutedPlugin> {
  return executePlugin({
    name: 'claims',
    spec: { executable, capabilities: ['propose.dynamicConfig'], ...spec },
    pluginDirs: [plugins],
    secretDirs: [plugins],
    searchPath: SEARCH_PATH,
    request: buildPluginRequest({
      plugin: 'claims',
      subscription: 'cloud-claims',
      facts: [],
      contextResources: [],
      startupConfigHash: '',
      effectiveGeneration: 0,
      previousDynamicGeneration: 0,
      nowMs: NOW,
      tag: 'run-1.1',
      capabilities: ['propose.dynamicConfig'],
    }),
    nowMs: NOW,
    validate: (input) => input as Resource,
    ...more,
  });
}

test('P1 a valid result, exit 0: the typed result and what the execution left behind', async () => {
  const path = await writer(RESULT);
  const { execution, result, error } = await execute(path);
  expect(error).toBeUndefined();
  expect(result).toMatchObject({ ttlMs: 1_800_000, resources: [CLAIM], directives: [], actionPlans: [] });
  expect(execution).toEqual({
    startedAt: '2026-05-30T12:00:00.000Z',
    durationMs: expect.any(Number),
    pluginDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    exitCode: 0,
    stdoutDigest: sha256Hex(`${JSON.stringify(RESULT)}\n`),
  });
});

test('P1 YAML on stdout', async () => {
  const yaml = 'apiVersion: plugin.routerd.net/v1alpha1\nkind: PluginResult\nstatus: {ttl: 1m}';
  expect((await execute(await writer(yaml))).result?.ttlMs).toBe(60_000);
});

test('P2 a plugin that sleeps 1 s with a timeout of 20 ms', async () => {
  const { error, result, execution } = await execute(await plugin('sleep 1'), { timeout: '20ms' });
  expect(result).toBeUndefined();
  expect(error?.code).toBe('plugin-timeout');
  expect(error?.message).toBe(
    'plugin claims: timed out after 20ms: its processes were ended; raise spec.timeout if it needs longer',
  );
  expect(execution.exitCode).toBeUndefined();
});

test('P3 malformed stdout: decode error, digest recorded', async () => {
  const { error, execution } = await execute(await plugin("printf '{'"));
  expect(error?.code).toBe('plugin-output-invalid');
  expect(execution).toMatchObject({ exitCode: 0, stdoutDigest: sha256Hex('{') });
});

test('P4 an invalid result names its fields', async () => {
  const { error } = await execute(
    await writer({ ...RESULT, status: { resources: [{ ...CLAIM, spec: 1 }] } }),
  );
  expect(error?.code).toBe('plugin-output-invalid');
  expect(error?.errors.map(({ pointer }) => pointer)).toEqual(['/status/ttl', '/status/resources/0/spec']);
});

test('P5 observedAt is our clock when the plugin gives none', async () => {
  const { result, execution } = await execute(await writer(RESULT));
  expect(Date.parse(result?.observedAt ?? '')).toBe(NOW + execution.durationMs);
});

test('P11 more than 4 MiB on stdout', async () => {
  const { error } = await execute(await plugin('head -c 5000000 /dev/zero'));
  expect(error?.code).toBe('plugin-output-limit');
  expect(error?.message).toContain('4194304 bytes to stdout');
});

test('P14 resources without the capability', async () => {
  const { error } = await execute(await writer(RESULT), { capabilities: ['observe.cloud'] });
  expect(error?.code).toBe('capability-missing');
});

test('P16 a forked child that holds stdout: the run ends by the deadline', async () => {
  const { error } = await execute(await plugin('sleep 60 &', 'exit 0'), { timeout: '100ms' });
  expect(error?.code).toBe('plugin-timeout');
});

test('X19 a child that holds stdout after the whole result: the error names it and no longer timeout', async () => {
  const path = await plugin('sleep 60 &', `echo '${JSON.stringify(RESULT)}'`, 'exit 0');
  const { error, execution } = await execute(path, { timeout: '300ms' });
  expect(error?.code).toBe('plugin-timeout');
  expect(error?.message).toMatch(
    process.platform === 'linux'
      ? /exited with 0 in time, but the process \d+ \(sleep 60\) that it started held its stdout or stderr open/
      : /exited with 0 in time, but a process that it started held/,
  );
  expect(error?.message).not.toContain('raise');
  expect(execution.exitCode).toBe(0);
});

test('X19 an uncaught error: the run shows its line, and the whole end of stderr is kept', async () => {
  const path = join(plugins, 'module.mjs');
  await writeFile(path, "#!/usr/bin/env node\nrequire('node:fs');\n", { mode: 0o755 });
  const { error, execution } = await execute(path);
  expect(error?.message).toMatch(/exited with 1: ReferenceError: require is not defined/);
  expect(execution.stderr).toContain('Node.js v');
});

test('X2 stdout that is not UTF-8 is refused with the offset, on a line of its own or not', async () => {
  const result = JSON.stringify(RESULT).replace('onprem-10', 'onprem-\\377');
  for (const mode of ['oneshot', 'persistent'] as const) {
    const { error, result: read } = await execute(await plugin('read -r _', `printf '${result}\\n'`), {
      mode,
    });
    expect(read).toBeUndefined();
    expect(error?.code).toBe('plugin-output-invalid');
    expect(error?.message).toMatch(/stdout is not valid UTF-8: byte 0xff at offset \d+/);
  }
});

describe('X15 a file that cannot be started is told with the cause', () => {
  test.each([
    ['a carriage return', '#!/bin/sh\r\necho x\r\n', 'the interpreter `/bin/sh\\r` does not exist'],
    ['one behind an argument', '#!/usr/bin/env node\r\n', '`/usr/bin/env` finds no `node\\r`'],
    ['a missing interpreter', '#! /nowhere/sh -e\n', 'the interpreter /nowhere/sh does not exist'],
    ['a byte order mark', '\uFEFF#!/bin/sh\n', 'begins with a byte order mark'],
  ])('%s', async (_, content, cause) => {
    const path = join(plugins, `faulty-${(written += 1)}`);
    await writeFile(path, content, { mode: 0o755 });
    const { error, execution } = await execute(path);
    expect(error?.code).toBe('plugin-start-failed');
    expect(error?.message).toContain(cause);
    expect(execution.exitCode).toBeUndefined();
  });
});

describe('P17 an untrusted plugin', () => {
  test('is not executed, and its start is not recorded', async () => {
    const trace = join(plugins, 'trace');
    const path = await plugin(`touch ${trace}`);
    await chmod(path, 0o757);
    const starts: string[] = [];
    const { error, execution } = await execute(
      path,
      {},
      { onStart: (digest = 'none') => Promise.resolve(void starts.push(digest)) },
    );
    expect(error?.code).toBe('plugin-untrusted');
    expect(error?.message).toContain(`chmod go-w ${path}`);
    expect(execution).toEqual({ startedAt: '2026-05-30T12:00:00.000Z', durationMs: 0 });
    expect(starts).toEqual([]);
    await expect(stat(trace)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('with another hash', async () => {
    const { error } = await execute(await writer(RESULT), { sha256: '0'.repeat(64) });
    expect(error?.code).toBe('plugin-untrusted');
  });
});

describe('S12 the context', () => {
  test('reaches the plugin redacted, and nothing else does', async () => {
    const secretive: Resource = { ...CLAIM, metadata: { name: 'a' }, spec: { token: 'hush', zone: 'a' } };
    const spec: PluginSpec = {
      executable: await plugin('cat >&2', `echo '${JSON.stringify({ ...RESULT, status: { ttl: '1s' } })}'`),
      context: { resources: [{ apiVersion: CLAIM.apiVersion, kind: CLAIM.kind, name: 'a' }] },
    };
    const contextResources = buildContext(
      spec,
      () => secretive,
      ({ token: _, ...rest }) => rest,
    );
    const request = buildPluginRequest({
      plugin: 'claims',
      facts: [],
      contextResources,
      startupConfigHash: 'abc',
      effectiveGeneration: 1,
      previousDynamicGeneration: 0,
      nowMs: NOW,
      tag: 't',
      capabilities: [],
    });
    const { execution } = await execute(spec.executable!, spec, { request });
    expect(JSON.parse(execution.stderr ?? '')).toEqual(request);
    expect(execution.stderr).not.toContain('hush');
    expect(execution.stderr).toContain('"zone":"a"');
  });
});

describe('the start', () => {
  test('is recorded with the digest before the process exists', async () => {
    const trace = join(plugins, 'started');
    const path = await plugin(`test -e ${trace} || exit 7`, `echo '${JSON.stringify(RESULT)}'`);
    const onStart = async (digest = 'none'): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      await writeFile(trace, digest);
    };
    const { error, execution } = await execute(path, {}, { onStart });
    expect(error).toBeUndefined();
    expect(execution.exitCode).toBe(0);
  });

  test('that cannot be recorded does not happen', async () => {
    const trace = join(plugins, 'unrecorded');
    const path = await plugin(`touch ${trace}`);
    const onStart = (): Promise<void> => Promise.reject(new Error('NATS is away'));
    await expect(execute(path, {}, { onStart })).rejects.toThrow('NATS is away');
    await expect(stat(trace)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('fails without an interpreter', async () => {
    const path = join(plugins, 'no-interpreter');
    await writeFile(path, '#!/nowhere/interpreter\n');
    await chmod(path, 0o755);
    expect((await execute(path)).error?.code).toBe('plugin-start-failed');
  });

  test('fails with a timeout that is none', async () => {
    for (const timeout of ['soon', '0s'])
      expect((await execute(await writer(RESULT), { timeout })).error?.code).toBe('plugin-start-failed');
  });
});

test('exit 42 fails with the last line of stderr, even when stdout is a valid result', async () => {
  const path = await plugin(
    `echo '${JSON.stringify(RESULT)}'`,
    'echo why >&2',
    'echo "no quota" >&2',
    'exit 42',
  );
  const { error, execution, result } = await execute(path);
  expect(result).toBeUndefined();
  expect(error).toMatchObject({ code: 'plugin-exit', message: 'plugin claims: exited with 42: no quota' });
  expect(execution).toMatchObject({ exitCode: 42, stderr: 'why\nno quota\n' });
});

test('a fatal result fails although the exit code is 0', async () => {
  const status = { results: [{ severity: 'fatal', reason: 'NoQuota', message: 'the NIC is full' }] };
  const { error, execution } = await execute(await writer({ ...RESULT, status }));
  expect(error).toMatchObject({ code: 'plugin-exit', message: 'plugin claims: the NIC is full' });
  expect(execution.exitCode).toBe(0);
});

test('shutdown ends the plugin', async () => {
  const abort = new AbortController();
  const onStart = (): Promise<void> => Promise.resolve(abort.abort());
  const { error } = await execute(await plugin('sleep 60'), {}, { signal: abort.signal, onStart });
  expect(error?.code).toBe('run-lost');
});

test('50 at once', async () => {
  const path = await writer(RESULT);
  const all = await Promise.all(Array.from({ length: 50 }, () => execute(path)));
  expect(all.filter(({ result }) => result !== undefined)).toHaveLength(50);
}, 300_000);
