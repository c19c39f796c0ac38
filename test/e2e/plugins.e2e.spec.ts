import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FEDERATION_API, type PluginSpec, type Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import type { ExecutionItem, PartItem } from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import {
  activePart,
  emit,
  endedRun,
  partsOf,
  runsOf,
  type RouterDocument,
  type RunItem,
} from './site-activity.js';
import { FAILING, seenHost } from './test-plugins.js';

jest.setTimeout(300_000);

/** Prints the payload `say` of its fact as it is, except that `#` stands for a double quote. */
const SAYING = `#!/bin/sh
sed -E 's|.*"payload":[{]"say":"([^"]*)"[}].*|\\1|' | tr -d '\\n' | tr '#' '"'
`;

const ENVELOPE = {
  apiVersion: 'plugin.routerd.net/v1alpha1',
  kind: 'PluginResult',
  metadata: { name: 'said' },
};
const HOST = {
  apiVersion: 'example.net/v1',
  kind: 'SeenHost',
  metadata: { name: 'said' },
  spec: { serial: '1' },
};

interface ShownRun extends RunItem {
  readonly executions: readonly (ExecutionItem & { readonly stdoutDigest?: string })[];
}

/** Every row of every table of a site as text. */
async function storedRows(site: Site): Promise<{ readonly table: string; readonly text: string }[]> {
  const client = new pg.Client({ connectionString: site.database.url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ table: string }>(
      `select quote_ident(table_name) as table from information_schema.tables where table_schema = 'public'`,
    );
    const found = [];
    for (const { table } of tables) {
      const { rows } = await client.query<{ text: string }>(`select t::text as text from ${table} t`);
      found.push(...rows.map(({ text }) => ({ table, text })));
    }
    return found;
  } finally {
    await client.end();
  }
}

describe('plugins, seen end to end through runs', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start();
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  /** Declares a plugin with a subscription of the same name for facts of type `<name>.seen`; one attempt a run. */
  async function declare(
    name: string,
    source: string,
    change: Partial<PluginSpec> = {},
    maxAttempts = 1,
  ): Promise<string> {
    const executable = await site.addPlugin(name, source);
    const rule = subscription(name, `${name}.seen`, name, { retry: { maxAttempts } });
    await site.apply(manifest(plugin(name, executable, change), rule));
    return executable;
  }

  /** `run show` of the run of one fact of the subscription. */
  async function runFor(
    name: string,
    id: string,
    payload: Record<string, string> = { serial: '1' },
  ): Promise<ShownRun> {
    await emit(site, { id, type: `${name}.seen`, subject: `${id}-host`, payload });
    const { runId } = await endedRun(site, name, id);
    return site.json<ShownRun>('run', 'show', runId);
  }

  /** What a plugin says in the payload of a fact: JSON there would need quotes that the shell cannot unescape. */
  function saying(result: unknown): Record<string, string> {
    return { say: JSON.stringify(result).replaceAll('"', '#') };
  }

  it('P1 a valid result becomes a part with its typed spec', async () => {
    const executable = await declare('p1', seenHost());
    const run = await runFor('p1', 'p1-a');
    const digest = createHash('sha256')
      .update(await readFile(executable))
      .digest('hex');
    expect(run).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(run.executions).toMatchObject([
      { attempt: 1, exitCode: 0, outcome: 'proposed', pluginDigest: digest },
    ]);
    const part = await activePart(site, 'p1', 'p1-a');
    expect(part.body?.resources).toMatchObject([
      {
        apiVersion: 'example.net/v1',
        kind: 'SeenHost',
        metadata: { name: 'p1-a-host' },
        spec: { serial: '1' },
      },
    ]);
  });

  it('P9 a suspended plugin runs nothing and keeps what it proposed; what waited runs when that is lifted', async () => {
    await declare('paused', seenHost());
    expect(await runFor('paused', 'paused-a')).toMatchObject({ state: 'succeeded' });
    await activePart(site, 'paused', 'paused-a');

    await declare('paused', seenHost(), { suspend: true });
    await emit(site, {
      id: 'paused-b',
      type: 'paused.seen',
      subject: 'paused-b-host',
      payload: { serial: '2' },
    });
    await until('the alarm that counts the fact', async () => {
      const { body } = await site.rest<{ items: { kind: string; text: string }[] }>('GET', '/v1/alarms');
      return body.items.some(
        ({ kind, text }) =>
          kind === 'plugin-suspended' && /Plugin\/paused, .* [1-9] facts? waits?$/.test(text),
      );
    });
    expect((await runsOf(site, 'paused')).flatMap(({ facts }) => facts.map(({ id }) => id))).not.toContain(
      'paused-b',
    );
    await activePart(site, 'paused', 'paused-a');

    await declare('paused', seenHost());
    expect(await endedRun(site, 'paused', 'paused-b')).toMatchObject({ state: 'succeeded' });
    await activePart(site, 'paused', 'paused-b');
  });

  it('P2 a plugin that takes too long is timed out, and the run says so', async () => {
    await declare('p2', '#!/bin/sh\nexec sleep 30\n', { timeout: '20ms' });
    const run = await runFor('p2', 'p2-a');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-timeout' });
    expect(run.error).toContain('timed out after 20ms');
    expect(run.executions[0]?.exitCode).toBeUndefined();
  });

  it('P3 malformed output fails the run, and its digest is recorded', async () => {
    await declare('p3', "#!/bin/sh\nprintf '{'\n");
    const run = await runFor('p3', 'p3-a');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-output-invalid' });
    expect(run.executions).toMatchObject([
      { exitCode: 0, outcome: 'failed', stdoutDigest: createHash('sha256').update('{').digest('hex') },
    ]);
  });

  describe('P4 a result that breaks a rule is refused with the place of the mistake:', () => {
    const mask = { op: 'replace', target: { apiVersion: 'example.net/v1', kind: 'SeenHost', name: 'said' } };
    const cases: Record<string, [status: object, pointer: string]> = {
      'no ttl': [{ resources: [HOST] }, '/status/ttl'],
      'zero ttl': [{ ttl: '0s', resources: [HOST] }, '/status/ttl'],
      'bad op': [{ ttl: '1h', directives: [mask] }, '/status/directives/0/op'],
      'empty name': [
        { ttl: '1h', resources: [{ ...HOST, metadata: { name: '' } }] },
        '/status/resources/0/metadata/name',
      ],
      'untyped spec': [
        { ttl: '1h', resources: [HOST, { ...HOST, spec: 'text' }] },
        '/status/resources/1/spec',
      ],
      'bad plan': [{ ttl: '1h', actionPlans: [{ name: 'x' }] }, '/status/actionPlans/0'],
    };

    beforeAll(() =>
      declare('p4', SAYING, { capabilities: ['propose.dynamicConfig', 'propose.providerAction'] }),
    );

    it.each(Object.entries(cases))('%s', async (name, [status, pointer]) => {
      const run = await runFor('p4', `p4-${name.replace(' ', '-')}`, saying({ ...ENVELOPE, status }));
      expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-output-invalid' });
      const pointers = run.executions[0]?.error?.errors?.map((error) => error.pointer) ?? [];
      expect(pointers.filter((one) => one.startsWith(pointer))).not.toEqual([]);
    });

    it('and none of them left a part, while a good one after them does', async () => {
      await runFor('p4', 'p4-good', saying({ ...ENVELOPE, status: { ttl: '1h', resources: [HOST] } }));
      await activePart(site, 'p4', 'p4-good');
      expect((await partsOf(site, 'p4')).length).toBe(1);
    });
  });

  it('P5 a result without observedAt counts from its run', async () => {
    await declare('p5', SAYING);
    const run = await runFor('p5', 'p5-a', saying({ ...ENVELOPE, status: { ttl: '90m', resources: [] } }));
    const part = await activePart(site, 'p5', 'p5-a');
    const [execution] = run.executions;
    expect(Date.parse(part.observedAt)).toBeGreaterThanOrEqual(Date.parse(execution?.startedAt ?? ''));
    expect(Date.parse(part.observedAt)).toBeLessThanOrEqual(Date.parse(execution?.endedAt ?? ''));
    expect(Date.parse(part.expiresAt ?? '') - Date.parse(part.observedAt)).toBe(90 * 60_000);
  });

  it('P11 more than 4 MiB of output ends the plugin', async () => {
    await declare('p11', "#!/bin/sh\nwhile :; do echo 'too much'; done\n", { timeout: '2m' });
    const run = await runFor('p11', 'p11-a');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-output-limit' });
    expect(run.error).toContain('4194304 bytes');
  });

  it('an exit code other than 0 is shown with the end of stderr, and is tried again', async () => {
    const starts = join(site.stateDir, 'exit-starts');
    await declare('exit', FAILING, { env: { STARTS: starts, CODE: '7' } }, 2);
    const run = await runFor('exit', 'exit-a');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-exit', attempt: 2 });
    expect(run.error).toContain('exited with 7: the printer is out of paper');
    const stderr = 'first line\nthe printer is out of paper\n';
    expect(run.executions).toMatchObject([
      { exitCode: 7, stderr },
      { exitCode: 7, stderr },
    ]);
    const shown = await site.cli('run', 'show', run.runId);
    expect(shown.stdout).toContain('the printer is out of paper');
  });

  it('P17 a plugin file that its group may write is refused with the remedy, and nothing is executed', async () => {
    const starts = join(site.stateDir, 'p17-starts');
    const executable = await declare('p17', FAILING, { env: { STARTS: starts, CODE: '0' } }, 3);
    await chmod(executable, 0o775);
    const run = await runFor('p17', 'p17-a');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-untrusted', attempt: 1 });
    expect(run.error).toContain(
      `${executable} can be written by its group or by anyone: chmod go-w ${executable}`,
    );
    expect(run.executions[0]?.exitCode).toBeUndefined();

    // the same plugin does run once the remedy is taken: only then is its mark there
    await chmod(executable, 0o755);
    await runFor('p17', 'p17-b');
    const ran = (await endedRun(site, 'p17', 'p17-b')).executions.length;
    expect((await readFile(starts, 'utf8')).trimEnd().split('\n').length).toBe(ran);
  });

  it('P14 what a plugin has no capability for is refused and not tried again', async () => {
    await declare('p14', seenHost(), { capabilities: ['observe.cloud'] }, 3);
    const run = await runFor('p14', 'p14-a');
    expect(run).toMatchObject({ state: 'failed', errorCode: 'capability-missing', attempt: 1 });
    expect(run.error).toContain('propose.dynamicConfig');
    expect(run.executions).toMatchObject([{ exitCode: 0, outcome: 'failed' }]);
    expect(await partsOf(site, 'p14')).toEqual([]);
  });

  it('P7 P8 the request holds the allowlisted resources without their secrets, and no other', async () => {
    const copy = join(site.stateDir, 'p8-request.json');
    const allowed = resource('example.net/v1', 'Tunnel', 'p8-allowed', {
      endpoint: 'tunnel.example.net',
      preSharedKey: 'planted-secret-1',
      login: { user: 'edge', password: 'planted-secret-2', passwordFile: '/planted/secret-3' },
      keys: [{ authKey: 'planted-secret-4', label: 'first' }],
    });
    const other = resource('example.net/v1', 'Tunnel', 'p8-other', { endpoint: 'planted-secret-5' });
    await site.apply(manifest(allowed, other));
    const named = ['p8-allowed', 'p8-absent'].map((name) => ({
      apiVersion: 'example.net/v1',
      kind: 'Tunnel',
      name,
    }));
    await declare('p8', `#!/bin/sh\ncat > "$COPY"\n`, {
      env: { COPY: copy },
      context: { resources: named },
      capabilities: ['propose.dynamicConfig', 'observe.cloud'],
    });
    const run = await runFor('p8', 'p8-a');

    const text = await readFile(copy, 'utf8');
    expect(text).not.toContain('planted');
    const request = JSON.parse(text) as { spec: Record<string, unknown>; meta: unknown };
    expect(request.spec['context']).toEqual({
      resources: [
        {
          ...named[0],
          spec: {
            endpoint: 'tunnel.example.net',
            preSharedKey: '',
            login: { user: 'edge', password: '' },
            keys: [{ authKey: '', label: 'first' }],
          },
        },
      ],
    });
    expect(request).toMatchObject({
      apiVersion: 'plugin.routerd.net/v1alpha1',
      kind: 'PluginRequest',
      metadata: { name: 'p8' },
      spec: {
        trigger: { type: 'federation-subscription', topic: 'routerd.federation.subscription/p8' },
        startupConfigHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        effectiveGeneration: expect.any(Number),
        previousDynamicGeneration: 0,
        events: [
          { id: 'p8-a', group: 'default', type: 'p8.seen', subject: 'p8-a-host', payload: { serial: '1' } },
        ],
      },
      meta: { protocol: 'v1alpha1', capabilities: ['propose.dynamicConfig', 'observe.cloud'] },
    });
    // it wrote nothing on stdout: that is no result
    expect(run).toMatchObject({ state: 'failed', errorCode: 'plugin-output-invalid' });
    const router = await until('the render', () => site.json<RouterDocument>('dynamic', 'render'));
    const kept = router.spec.resources.find(({ metadata }) => metadata.name === 'p8-allowed');
    expect(kept?.spec).toEqual(allowed.spec);
  });

  it('D12 list and describe show the action plans of a part, as JSON and as text', async () => {
    const capabilities: PluginSpec['capabilities'] = ['propose.dynamicConfig', 'propose.providerAction'];
    await declare('d12', SAYING, { capabilities });
    const plan = (name: string, action: string): object => ({
      ...{ name, provider: 'aws', action, mode: 'dry-run', riskLevel: 'medium' },
      target: { address: '10.0.0.9/32', nicRef: 'eni-1' },
      expectedEffects: [`${action} is done`],
    });
    const actionPlans = [plan('assign', 'assign-secondary-ip'), plan('release', 'unassign-secondary-ip')];
    const status = { ttl: '1h', resources: [{ ...HOST, metadata: { name: 'd12-host' } }], actionPlans };
    await runFor('d12', 'd12-a', saying({ ...ENVELOPE, status }));

    const part = await activePart(site, 'd12', 'd12-a');
    const listed = await site.json<PartItem[]>('dynamic', 'list');
    expect(listed.find(({ source }) => source === part.source)).toMatchObject({ actionPlans: 2 });
    const [described] = await site.json<PartItem[]>('dynamic', 'describe', part.source);
    expect(described?.body?.actionPlans).toEqual(actionPlans);
    const { stdout } = await site.cli('dynamic', 'describe', part.source);
    for (const text of ['assign-secondary-ip', 'unassign-secondary-ip']) expect(stdout).toContain(text);
  });

  it('D13 no secret of the config is in a part, in what is rendered of it, or in what is stored', async () => {
    const secretFile = join(site.stateDir, 'd13.key');
    await writeFile(secretFile, 'planted-content-of-a-file');
    const group: Resource = {
      apiVersion: FEDERATION_API,
      kind: 'EventGroup',
      metadata: { name: 'd13-secret' },
      spec: { nodeName: 'd13', auth: { mode: 'hmac', secretFile } },
    };
    const tunnel = resource('example.net/v1', 'Tunnel', 'd13-tunnel', {
      endpoint: 'tunnel.example.net',
      preSharedKey: 'planted-psk',
      login: { user: 'edge', password: 'planted-password', passwordFile: '/planted/path' },
    });
    await site.apply(manifest(group, tunnel));
    // it proposes all that it was given, and says it on stderr too
    const echo = `#!/usr/bin/env node
'use strict';
const { spec } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
console.error(JSON.stringify(spec));
const given = { apiVersion: 'example.net/v1', kind: 'Given', metadata: { name: 'd13-given' }, spec };
process.stdout.write(JSON.stringify({ ...${JSON.stringify(ENVELOPE)}, status: { ttl: '1h', resources: [given] } }));
`;
    const named = [group, tunnel].map(({ apiVersion, kind, metadata: { name } }) => ({
      apiVersion,
      kind,
      name,
    }));
    await declare('d13', echo, { context: { resources: named } });
    const run = await runFor('d13', 'd13-a');
    expect(run).toMatchObject({ state: 'succeeded' });

    const part = await activePart(site, 'd13', 'd13-a');
    const rendered = await site.json<RouterDocument>('dynamic', 'render');
    const given = rendered.spec.resources.find(({ metadata }) => metadata.name === 'd13-given');
    expect(JSON.stringify(given)).toContain('tunnel.example.net');
    const described = await site.cli('dynamic', 'describe', part.source, '-o', 'json');
    for (const text of [JSON.stringify(given), described.stdout, JSON.stringify(run)])
      expect(text).not.toContain('planted');
    const rows = await storedRows(site);
    // what people declared is stored as they wrote it; of what came of it, and of the file, nothing is
    const derived = rows.filter(({ table }) => ['parts', 'runs'].includes(table));
    expect(derived.map(({ text }) => text).join()).toContain('d13-given');
    expect(derived.filter(({ text }) => text.includes('planted'))).toEqual([]);
    expect(rows.filter(({ text }) => text.includes('planted-content-of-a-file'))).toEqual([]);
  });
});
