import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CAPABILITIES, type PluginMode, type PluginSpec } from '@signalbox/contracts';
import type { ExecutedPlugin } from '../executed-plugin.js';
import { Stage, untilGone } from '../persistent/puppet.fixture.js';

const MODES: readonly PluginMode[] = ['oneshot', 'persistent'];
const SECRET = 'correct-horse-battery';

/**
 * Does for each line what the tag says with its secret, one-shot and persistent: `$key` is what it read once at its start. Each
 * request is answered by one line.
 */
const TELLER = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { SIGNALBOX_SECRET_API_KEY_FD: fd, SIGNALBOX_SECRET_OTHER_FD: other } = process.env;
const key = fd && readFileSync(Number(fd), 'utf8');
const document = (tag, status, more) =>
  JSON.stringify({ apiVersion: 'plugin.routerd.net/v1alpha1', kind: 'PluginResult', meta: { tag }, status, ...more });
const resource = (spec, name = 'a') => ({ apiVersion: 'a/v1', kind: 'Told', metadata: { name }, spec });
const say = (text) => process.stdout.write(text + '\\n');
const acts = {
  sum: (tag) => say(document(tag, { ttl: '1m', resources: [resource({
    pid: process.pid, bytes: key.length, sum: [...key].reduce((sum, char) => sum + char.charCodeAt(0), 0),
    argv: process.argv.slice(2).length,
    held: Object.entries(process.env).filter(([, value]) => value.includes(key.trim())).length,
    other: other && readFileSync(Number(other)).length,
  })] })),
  stderr: (tag) => { process.stderr.write('the key is ' + key); say(document(tag, { ttl: '1m' })); },
  cut: (tag) => { process.stderr.write('x'.repeat(5000) + key.trim() + 'y'.repeat(8 * 1024 - 10)); say(document(tag, { ttl: '1m' })); },
  exit: () => { process.stderr.write('fatal: cannot log in as ' + key); process.exit(3); },
  stray: () => say('x'.repeat(1010) + key.trim()),
  log: (tag) => say('token ' + key.trim() + '\\n' + document(tag, { ttl: '1m' })),
  twice: (tag) => say('{"' + key.trim() + '":1,"' + key.trim() + '":2}'),
  fatal: (tag) => say(document(tag, { results: [{ severity: 'fatal', reason: 'x'.repeat(1020), message: 'no such key: ' + key }] })),
  resource: (tag) => say(document(tag, { ttl: '1m', resources: [resource({}), resource({ deep: [{ password: 'is ' + key }] }, 'b')] })),
  key: (tag) => say(document(tag, { ttl: '1m', resources: [resource({ [key.trim()]: true })] })),
  mask: (tag) => say(document(tag, { ttl: '1m', directives: [{ op: 'mask', target: { apiVersion: 'a/v1', kind: 'B', name: 'c' }, reason: key }] })),
  plan: (tag) => say(document(tag, { ttl: '1m', actionPlans: [{ name: 'p', provider: 'aws', action: 'ensure-forwarding-enabled', description: key }] })),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { tag } = JSON.parse(line).meta;
  acts[tag.split(' ')[0]](tag);
});
`;

let stage: Stage;
let file: string;
let executable: string;
beforeEach(async () => {
  stage = await Stage.open();
  executable = await stage.install('teller', TELLER);
  file = join(stage.directory, 'api.key');
  await writeFile(file, `${SECRET}\n`);
});
afterEach(() => stage.close());

function run(tag: string, mode: PluginMode, more: Partial<PluginSpec> = {}): Promise<ExecutedPlugin> {
  const secrets = [{ name: 'api-key', file }];
  return stage.execute(tag, {
    executable,
    mode,
    secrets,
    capabilities: CAPABILITIES,
    concurrency: 1,
    ...more,
  });
}

function told({ result, error }: ExecutedPlugin): Record<string, unknown> {
  if (!result) throw error ?? new Error('a result without an error');
  return result.resources[0]!.spec;
}

const sum = [...`${SECRET}\n`].reduce((all, char) => all + char.charCodeAt(0), 0);

describe.each(MODES)('P17 secrets of a plugin, %s', (mode) => {
  test('it reads exactly the bytes of the file to their end; argv and values of the environment hold nothing', async () => {
    expect(told(await run('sum', mode))).toMatchObject({
      bytes: SECRET.length + 1,
      sum,
      argv: 0,
      held: 0,
    });
  });

  test('several, each of 64 KiB, also when it does not read them', async () => {
    const secrets = [{ name: 'api-key', file }];
    for (const name of ['unread', 'other', 'unread-too']) {
      await writeFile(join(stage.directory, name), 'k'.repeat(64 * 1024));
      secrets.push({ name, file: join(stage.directory, name) });
    }
    expect(told(await run('sum', mode, { secrets }))).toMatchObject({ sum, other: 64 * 1024 });
  });

  test('a plugin without secrets has no variable', async () => {
    const script = await stage.install(
      'none',
      '#!/bin/sh',
      'cat >/dev/null; env | grep -c SIGNALBOX_SECRET >&2; exit 1',
    );
    const { execution } = await stage.execute('x', { executable: script, mode: 'oneshot' });
    expect(execution.stderr).toBe('0\n');
  });

  test('stderr is kept without them', async () => {
    const { execution, result } = await run('stderr', mode);
    expect(result).toBeDefined();
    expect(execution.stderr).toBe('the key is [redacted]\n');
  });

  test('of one where stderr was cut nothing is left', async () => {
    const { execution } = await run('cut', mode);
    expect(execution.stderr).toBe(`[redacted]${'y'.repeat(8 * 1024 - 10)}`);
  });

  test.each([
    ['exit', 'plugin-exit', 'exited with 3: fatal: cannot log in as [redacted]'],
    ['stray', 'plugin-output-invalid', '[redacted]'],
    ['fatal', 'plugin-exit', 'no such key: [redacted]'],
    ['twice', 'plugin-output-invalid', 'gives the key "[redacted]" twice'],
  ])('%s: its error tells nothing of them', async (act, code, message) => {
    const { error, execution } = await run(act, mode);
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(message);
    expect(JSON.stringify([error?.toBody(), execution])).not.toMatch(/correct|horse|batt/);
  });

  test.each([
    ['resource', '/status/resources/1/spec/deep/0/password'],
    ['key', '/status/resources/0/spec'],
    ['mask', '/status/directives/0/reason'],
    ['plan', '/status/actionPlans/0/description'],
  ])('a result that proposes one is refused: %s', async (act, pointer) => {
    const { error, result } = await run(act, mode);
    expect(result).toBeUndefined();
    expect(error).toMatchObject({ code: 'secret-in-result', errors: [{ pointer }] });
    expect(JSON.stringify(error?.toBody())).not.toContain(SECRET);
  });

  test('a secret of five characters may stand in a result', async () => {
    await writeFile(file, '12345');
    expect((await run('resource', mode)).result).toBeDefined();
  });

  test('without the file nothing is started, and with it again it is', async () => {
    await rename(file, `${file}.away`);
    const gone = await run('sum', mode);
    expect(gone.error).toMatchObject({
      code: 'secret-missing',
      message: `plugin puppet: secret api-key: ${file} does not exist: put it there, or correct /spec/secrets/0/file`,
    });
    expect(gone.execution).toEqual({ startedAt: '2026-05-30T12:00:00.000Z', durationMs: 0 });
    await rename(`${file}.away`, file);
    expect(told(await run('sum', mode))).toMatchObject({ sum });
  });

  test('outside the directories of secrets nothing is started', async () => {
    const { error } = await stage.execute(
      'sum',
      { executable, mode, secrets: [{ name: 'api-key', file: '/etc/passwd' }] },
      { onStart: () => Promise.reject(new Error('it was started')) },
    );
    expect(error?.code).toBe('secret-refused');
  });
});

test('P17 a line of a log on stdout is quoted without a secret', async () => {
  const { error } = await run('log', 'oneshot');
  expect(error?.message).toContain('stdout holds "token [redacted]" before the result');
});

describe('P17 a persistent process', () => {
  test('is replaced when a secret has another content, and has the new one', async () => {
    const before = told(await run('sum a', 'persistent'));
    expect(told(await run('sum b', 'persistent'))).toMatchObject({ pid: before['pid'] });
    await writeFile(file, 'correct-horse-staples\n');
    const after = told(await run('sum c', 'persistent'));
    expect(after['pid']).not.toBe(before['pid']);
    expect(after['sum']).not.toBe(before['sum']);
    await untilGone(before['pid'] as number);
    expect(await stage.ended(1)).toEqual(['changed']);
  });

  test('is replaced when the file is another one that holds the same', async () => {
    const before = told(await run('sum a', 'persistent'));
    await writeFile(`${file}.new`, `${SECRET}\n`);
    await rename(`${file}.new`, file);
    expect(told(await run('sum b', 'persistent'))['pid']).not.toBe(before['pid']);
  });

  test('ends when its secret is gone', async () => {
    const { pid } = told(await run('sum a', 'persistent')) as { pid: number };
    await rename(file, `${file}.away`);
    expect((await run('sum b', 'persistent')).error?.code).toBe('secret-missing');
    await untilGone(pid);
  });
});
