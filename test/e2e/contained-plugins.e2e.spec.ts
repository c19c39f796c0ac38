import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { optionalProgram, Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from './manifests.js';
import { activePart, emit, endedRun } from './site-activity.js';

jest.setTimeout(300_000);

const hasSandbox = optionalProgram('bwrap', 'plugins of a site inside bubblewrap') !== undefined;
const IS_ROOT = process.getuid?.() === 0;

/** Names its only resource after what it can read of the site, and as whom. */
const CURIOUS = `#!/bin/sh
/bin/cat >/dev/null
seen=hidden
[ ! -r "$STATE/context.json" ] || seen=readable
/bin/cat <<END
{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"1h","resources":[
{"apiVersion":"example.net/v1","kind":"Seen","metadata":{"name":"$OWNER.$seen"},"spec":{}}]}}
END
`;

/** Tells its secret on stderr, and how long it is by the name of its only resource. */
const KEYED = `#!/bin/sh
/bin/cat >/dev/null
key=$(/bin/cat <&"$SIGNALBOX_SECRET_API_KEY_FD")
echo "the key is $key" >&2
/bin/cat <<END
{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"1h","resources":[
{"apiVersion":"example.net/v1","kind":"Seen","metadata":{"name":"keyed.\${#key}"},"spec":{}}]}}
END
`;

interface Item {
  readonly resource: { readonly metadata: { readonly name: string } };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly reason: string }[] };
}

let site: Site;
beforeAll(async () => {
  // as an operator has it who set nothing; others get to the plugins, and to nothing else
  const env = { SIGNALBOX_SANDBOX: '', SIGNALBOX_PLUGIN_USER: '' };
  site = await Site.start({ env, prepare: ({ stateDir }) => chmod(stateDir, 0o711) });
  const declared = (name: string): Record<string, string> => ({ OWNER: name, STATE: site.stateDir });
  const executable = await site.addPlugin('curious', CURIOUS);
  await site.apply(
    manifest(
      plugin('curious', executable, { env: declared('curious') }),
      plugin('strict', executable, { env: declared('strict'), sandbox: 'required' }),
      subscription('curious', 'curious.seen', 'curious'),
      subscription('strict', 'strict.seen', 'strict', { retry: { maxAttempts: 1 } }),
    ),
  );
}, 300_000);
afterAll(() => site?.stop(), 300_000);

async function conditionsOf(name: string): Promise<string[]> {
  const { body } = await site.rest<{ items: Item[] }>('GET', '/v1/resources?kind=Plugin');
  const item = body.items.find(({ resource }) => resource.metadata.name === name);
  return (item?.status.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);
}

async function seenBy(name: string): Promise<string | undefined> {
  const id = `${name}-1`;
  await emit(site, { id, type: `${name}.seen`, subject: 'host', payload: {} });
  const part = await activePart(site, name, id);
  return part.body?.resources[0]?.metadata.name;
}

(hasSandbox || IS_ROOT ? it : it.skip)(
  'P17 a plugin cannot read the admin token beside its directory',
  async () => {
    expect(await seenBy('curious')).toBe('curious.hidden');
  },
);

it('P17 what contains a plugin stands in its status', async () => {
  const expected = hasSandbox ? 'Contained sandbox' : 'Uncontained no-sandbox';
  expect(await conditionsOf('curious')).toEqual([expected]);
  expect((await site.cli('describe', 'Plugin', 'curious')).stdout).toMatch(
    hasSandbox ? /runs in a sandbox as the user/ : /runs without a sandbox as the user/,
  );
});

it('P17 a plugin that may run in a sandbox only does not run without one', async () => {
  if (hasSandbox) {
    expect(await seenBy('strict')).toBe('strict.hidden');
    expect(await conditionsOf('strict')).toEqual(['Contained sandbox']);
    return;
  }
  await emit(site, { id: 'strict-1', type: 'strict.seen', subject: 'host', payload: {} });
  expect(await endedRun(site, 'strict', 'strict-1')).toMatchObject({ errorCode: 'sandbox-unavailable' });
  expect(await conditionsOf('strict')).toEqual(['Degraded sandbox-unavailable']);
});

it('P17 a plugin is given its secret once the file is there, and nobody is told it', async () => {
  const file = join(site.secretDir, 'api.key');
  const executable = await site.addPlugin('keyed', KEYED);
  const secrets = [{ name: 'api-key', file }];
  const outside = [{ name: 'api-key', file: join(site.stateDir, 'context.json') }];
  await site.apply(
    manifest(
      plugin('keyed', executable, { secrets }),
      plugin('outside', executable, { secrets: outside }),
      subscription('keyed', 'keyed.seen', 'keyed', { retry: { maxAttempts: 20 } }),
    ),
  );
  expect(await conditionsOf('keyed')).toContain('Degraded secret-missing');
  expect(await conditionsOf('outside')).toContain('Degraded secret-refused');
  const dry = await site.cli('plugin', 'run', 'outside', '--dry-run');
  expect(dry.stderr).toContain('secret-refused: plugin outside: secret api-key');

  await emit(site, { id: 'keyed-1', type: 'keyed.seen', subject: 'host', payload: {} });
  await until('an attempt without the secret', async () => {
    const { body } = await site.rest<{ items: { errorCode?: string }[] }>(
      'GET',
      '/v1/runs?subscription=keyed',
    );
    return body.items[0]?.errorCode === 'secret-missing';
  });
  await writeFile(file, 'correct-horse-battery\n', { mode: 0o600 });
  const part = await activePart(site, 'keyed', 'keyed-1');
  expect(part.body?.resources[0]?.metadata.name).toBe('keyed.21');

  const { stdout: runs } = await site.cli('run', 'list', '-o', 'json');
  const [run] = JSON.parse(runs) as { runId: string; subscription?: string }[];
  const shown = await site.cli('run', 'show', run?.runId ?? '', '-o', 'json');
  expect(shown.stdout).toContain('the key is [redacted]');
  for (const text of [runs, shown.stdout, site.log]) expect(text).not.toContain('correct-horse');
});
