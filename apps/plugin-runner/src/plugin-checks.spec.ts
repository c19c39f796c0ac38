import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PluginSpec } from '@signalbox/contracts';
import { SystemClock, type SiteConfig } from '@signalbox/runtime';
import { UNCONTAINED } from './execution/containment/containment.js';
import { PluginChecks } from './plugin-checks.js';

let root: string;
let checks: PluginChecks;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-test-')));
  checks = new PluginChecks(
    { pluginDirs: [root], secretDirs: [root] } as unknown as SiteConfig,
    UNCONTAINED,
    new SystemClock(),
  );
});
afterAll(() => rm(root, { recursive: true }));

async function file(name: string, content: string, mode = 0o755): Promise<string> {
  const path = join(root, name);
  await writeFile(path, content, { mode });
  return path;
}

test.each([
  ['outside the plugin directories', () => Promise.resolve('/bin/sh'), 'is not inside a plugin directory'],
  ['missing', () => Promise.resolve(join(root, 'none')), 'cannot be found (ENOENT)'],
  ['without the execute bit', () => file('plain', '#!/bin/sh\n', 0o644), 'is not executable: chmod u+x'],
  [
    'with a carriage return',
    () => file('dos', '#!/bin/sh\r\n'),
    'the interpreter `/bin/sh\\r` does not exist',
  ],
])('X15 an executable %s is a fault with its cause', async (_, executable, cause) => {
  const fault = await checks.check({ executable: await executable() });
  expect(fault).toMatchObject({ pointer: '/spec/executable', reason: expect.stringMatching(/^plugin-/) });
  expect(fault?.message).toContain(cause);
});

test('X15 a declared plugin is an alarm from when it cannot be run until it can', async () => {
  const executable = await file('late', '#!/bin/sh\r\n');
  const declared = new Map([
    ['late', { executable }],
    ['good', { executable: await file('good', '#!/bin/sh\n') }],
  ]);
  await checks.follow(declared);
  const [alarm, ...others] = checks.alarms();
  expect(others).toEqual([]);
  expect(alarm).toMatchObject({ kind: 'plugin-unusable', name: 'late', reason: 'plugin-start-failed' });
  await checks.follow(declared);
  expect(checks.alarms()).toEqual([alarm]);
  await file('late', '#!/bin/sh\n');
  await checks.follow(declared);
  expect(checks.alarms()).toEqual([]);
});

test('P17 a secret that cannot be had is an alarm with its place until it can', async () => {
  const executable = await file('keyed', '#!/bin/sh\n');
  const key = join(root, 'api.key');
  const declared = new Map<string, PluginSpec>([
    ['keyed', { executable, secrets: [{ name: 'api-key', file: key }] }],
  ]);
  await checks.follow(declared);
  expect(await checks.check(declared.get('keyed')!)).toEqual({
    pointer: '/spec/secrets/0/file',
    reason: 'secret-missing',
    message: `secret api-key: ${key} does not exist: put it there, or correct /spec/secrets/0/file`,
  });
  expect(checks.alarms()).toMatchObject([
    { kind: 'plugin-unusable', name: 'keyed', reason: 'secret-missing' },
  ]);
  await file('api.key', 'value', 0o600);
  await checks.follow(declared);
  expect(checks.alarms()).toEqual([]);
});

test('P17 a plugin that is to run in a sandbox only is a fault where there is none; the others tell what they lack', async () => {
  const executable = await file('sandboxed', '#!/bin/sh\n');
  const declared = new Map<string, PluginSpec>([
    ['open', { executable }],
    ['strict', { executable, sandbox: 'required' }],
  ]);
  await checks.follow(declared);
  expect(await checks.check(declared.get('strict')!)).toMatchObject({
    pointer: '/spec/sandbox',
    reason: 'sandbox-unavailable',
  });
  expect(checks.alarms()).toMatchObject([
    { kind: 'plugin-unusable', name: 'strict', reason: 'sandbox-unavailable' },
  ]);
  expect(checks.conditions()).toEqual({ open: expect.objectContaining({ type: 'Uncontained' }) });
});

test('X15 an endpoint whose files cannot be read is a fault with the field, and tells that it is contained by nobody', async () => {
  const url = 'https://plugins.example.net/run';
  const lost: PluginSpec = { mode: 'http', http: { url, caFile: join(root, 'ca.pem') } };
  expect(await checks.check(lost)).toMatchObject({
    pointer: '/spec/http/caFile',
    reason: 'plugin-start-failed',
    message: expect.stringContaining('cannot be read (ENOENT)'),
  });
  const endpoint: PluginSpec = { mode: 'http', http: { url } };
  expect(await checks.check(endpoint)).toBeUndefined();
  await checks.follow(new Map([['endpoint', endpoint]]));
  expect(checks.conditions()).toMatchObject({ endpoint: { type: 'Uncontained', reason: 'endpoint' } });
  expect(checks.alarms()).toEqual([]);
});
