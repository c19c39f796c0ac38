import { chmod, copyFile, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { optionalProgram, runCommand as runProgram } from '@signalbox/testing';
import type { ConformanceCheck } from './plugin/conformance-checks.js';
import { runCommand } from './testing/run-command.fixture.js';

jest.setTimeout(120_000);

const EXAMPLES = join(process.cwd(), 'examples', 'plugins', 'host-record');
const PATH = process.env['SIGNALBOX_TEST_PATH'] ?? process.env['PATH'];
const NODE = ['node', join(EXAMPLES, 'host-record.mjs')] as const;

const python = optionalProgram('python3', 'the example plugin in Python');
const jq = optionalProgram('jq', 'the example plugin in sh');
const go = optionalProgram('go', 'the example plugin in Go');

/** Languages of the example that this machine has, with the file to run. */
const INSTALLED: readonly (readonly [language: string, file: string])[] = [
  NODE,
  ...(python ? [['python', join(EXAMPLES, 'host-record.py')] as const] : []),
  ...(jq ? [['sh', join(EXAMPLES, 'host-record.sh')] as const] : []),
];

function seen(id: string, subject: string, name: string): object {
  return { id, type: 'client.seen', subject, payload: { name } };
}

const FACTS = [
  seen('e1', '10.0.0.9/32', 'Zed.lan'),
  { id: 'e2', type: 'client.gone', subject: '10.0.0.1' },
  seen('e3', '10.0.0.300', 'a.lan'),
  { id: 'e4', type: 'client.seen', subject: '10.0.0.3' },
  seen('e5', '10.0.0.4', 'a-b.lan'),
  seen('e6', '10.0.0.5', 'a-b.lan'),
  seen('e7', '10.0.0.6', '-a.lan'),
];

describe('examples, conformance and runs without a site', () => {
  let dir: string;

  beforeAll(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-plugin-')));
    await chmod(dir, 0o755);
    await writeFile(join(dir, 'facts.json'), JSON.stringify(FACTS));
    await writeFile(join(dir, 'one.json'), JSON.stringify(FACTS[0]));
    if (go) {
      const env = { PATH, HOME: dir, GOCACHE: join(dir, 'cache'), CGO_ENABLED: '0' };
      const built = await runProgram(go, ['build', '-o', join(dir, 'host-record-go'), '.'], {
        cwd: join(EXAMPLES, 'go'),
        env,
      });
      expect(built).toMatchObject({ code: 0 });
    }
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  const signalbox = (...args: string[]) => runCommand(args, { env: { PATH }, cwd: dir });

  function files(): readonly (readonly [string, string])[] {
    return [...INSTALLED, ...(go ? [['go', join(dir, 'host-record-go')] as const] : [])];
  }

  it('the example in every language keeps the protocol in both modes', async () => {
    for (const [language, file] of files()) {
      const { code, out } = await signalbox(
        'plugin',
        'conformance',
        file,
        '--event',
        'facts.json',
        '-o',
        'json',
      );
      const checks = JSON.parse(out) as ConformanceCheck[];
      expect([language, checks.filter(({ verdict }) => verdict !== 'ok'), code]).toEqual([language, [], 0]);
      expect(checks).toHaveLength(9);
    }
  });

  it('the examples answer the same, byte for byte', async () => {
    const request = JSON.stringify({ meta: { tag: 'r1' }, spec: { events: FACTS } });
    const unusable = JSON.stringify({ meta: { tag: 'r2' }, spec: {} });
    const answers = new Set<string>();
    for (const [, file] of files()) {
      const alone = await runProgram(file, [], { input: request, env: { PATH } });
      const served = await runProgram(file, [], {
        input: `${request}\n${unusable}\n`,
        env: { PATH, SIGNALBOX_PLUGIN_MODE: 'persistent' },
      });
      answers.add(alone.stdout + served.stdout);
    }
    const [answer, ...others] = answers;
    expect(others).toEqual([]);
    const [first, second, third] = (answer ?? '').trimEnd().split('\n');
    expect(second).toBe(first);
    expect(JSON.parse(third ?? '')).toMatchObject({
      meta: { tag: 'r2' },
      status: { results: [{ severity: 'fatal', message: 'spec.events is no list' }] },
    });
    expect((JSON.parse(first ?? '') as { status: object }).status).toEqual({
      ttl: '30m',
      resources: [record('a-b.lan', '10.0.0.5'), record('zed.lan', '10.0.0.9')],
      outcomes: [
        { eventId: 'e2', outcome: 'ignored', reason: 'the type is not client.seen' },
        { eventId: 'e3', outcome: 'failed', reason: 'the subject is not one IPv4 address' },
        { eventId: 'e4', outcome: 'failed', reason: 'payload.name is no host name' },
        { eventId: 'e7', outcome: 'failed', reason: 'payload.name is no host name' },
      ],
    });
  });

  it('P2 P3 conformance names what a plugin breaks, and ends with 1', async () => {
    await script('chatty', 'echo starting\nexec cat >/dev/null');
    await script('silent', 'exec cat >/dev/null');
    await script('slow', 'exec sleep 60');
    await script(
      'moody',
      `cat >/dev/null
ttl=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
printf '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"1%ss","resources":[]}}' "$ttl"`,
    );
    await writeFile(join(dir, 'anyone'), '#!/bin/sh\n');
    await chmod(join(dir, 'anyone'), 0o777);

    expect(await verdicts('chatty')).toMatchObject({ 'it answers a request without events': 'fail' });
    expect(await verdicts('silent')).toMatchObject({ 'it answers a request without events': 'fail' });
    expect(await verdicts('slow', '--run-timeout', '50ms')).toMatchObject({
      'it answers a request without events': 'fail',
      'it serves the mode persistent': 'skip',
    });
    expect(await verdicts('moody')).toMatchObject({
      'it answers a request without events': 'ok',
      'the same request has the same answer': 'warn',
      'a fact of a type that it does not know brings nothing': 'warn',
    });
    expect(await verdicts('anyone')).toEqual({ 'the file may be run': 'fail' });
  });

  it('P9 plugin run prints the part that a plugin proposes and records nothing', async () => {
    await declare();
    const { code, out, err } = await signalbox(
      'plugin',
      'run',
      'hosts',
      '-f',
      'site.yaml',
      '--event',
      'one.json',
      '-o',
      'json',
    );
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^signalbox: Plugin\/hosts took \d+ ms, exit code 0\n$/),
    ]);
    expect(JSON.parse(out)).toEqual({
      apiVersion: 'config.routerd.net/v1alpha1',
      kind: 'DynamicConfigPart',
      metadata: { name: 'Plugin-hosts-1' },
      spec: {
        source: 'Plugin/hosts',
        generation: 1,
        observedAt: expect.stringMatching(/^2026-05-30T12:00:/),
        expiresAt: expect.stringMatching(/^2026-05-30T12:30:/),
        resources: [record('zed.lan', '10.0.0.9')],
        directives: [],
        actionPlans: [],
      },
    });
  });

  it('plugin run says what the site would record as the error of the run', async () => {
    await script('broken', 'echo "no database" >&2; exit 3');
    await declare({ executable: join(dir, 'broken') });
    const { code, out, err } = await signalbox('plugin', 'run', 'hosts', '-f', 'site.yaml');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/ {2}\| no database\nsignalbox: plugin-exit: plugin hosts: .*3.*no database/);
    expect(await signalbox('plugin', 'run', 'host', '-f', 'site.yaml')).toMatchObject({
      code: 4,
      err: expect.stringContaining('no Plugin "host" is in site.yaml'),
    });
    await declare({ capabilities: [] });
    expect(await signalbox('plugin', 'run', 'hosts', '-f', 'site.yaml', '--event', 'one.json')).toMatchObject(
      {
        code: 1,
        err: expect.stringContaining('signalbox: capability-missing: '),
      },
    );
  });

  it('subscription test tells matches, runs and what would be taken', async () => {
    await declare();
    const { code, out } = await signalbox(
      'subscription',
      'test',
      'hosts',
      '-f',
      'site.yaml',
      '--event',
      'facts.json',
      '-o',
      'json',
    );
    const tried = JSON.parse(out) as {
      facts: { id: string; matched: boolean; clause?: string }[];
      runs: { facts: string[]; state: string; resources: string[] }[];
    };
    expect(code).toBe(0);
    expect(tried.facts.filter(({ matched }) => !matched)).toMatchObject([{ id: 'e2', clause: 'types' }]);
    expect(tried.runs.map(({ facts, state, resources }) => [facts, state, resources])).toEqual([
      [['e1'], 'succeeded', ['HostRecord/zed.lan']],
      [['e3'], 'succeeded', []],
      [['e4'], 'succeeded', []],
      [['e5'], 'succeeded', ['HostRecord/a-b.lan']],
      [['e6'], 'succeeded', ['HostRecord/a-b.lan']],
      [['e7'], 'succeeded', []],
    ]);
    expect(
      (await signalbox('subscription', 'test', 'hosts', '-f', 'site.yaml', '--event', 'one.json')).out,
    ).toMatch(
      /^EVENT_ID +TYPE +SUBJECT +MATCHED +WHY\ne1 +client.seen +10.0.0.9\/32 +yes +-\nRuns:\n {2}FACTS .*\n {2}e1 +1 +succeeded +\d+ms +HostRecord\/zed.lan +-\n$/,
    );
  });

  it('D17 subscription test says why the site would reject a part, and ends with 1', async () => {
    await declare(
      {},
      {
        apiVersion: 'dns.example.net/v1',
        kind: 'HostRecord',
        metadata: { name: 'zed.lan' },
        spec: { address: '10.0.0.1' },
      },
    );
    const { code, out } = await signalbox(
      'subscription',
      'test',
      'hosts',
      '-f',
      'site.yaml',
      '--event',
      'one.json',
    );
    expect(code).toBe(1);
    expect(out).toMatch(/e1 +1 +rejected +\d+ms +HostRecord\/zed.lan +startup-conflict: /);
  });

  it('dynamic render --config --events prints the effective config that files lead to', async () => {
    await declare();
    const { code, out, err } = await signalbox(
      'dynamic',
      'render',
      '--config',
      'site.yaml',
      '--events',
      'facts.json',
      '-o',
      'json',
    );
    const { spec } = JSON.parse(out) as {
      spec: { resources: { kind: string; metadata: { name: string; annotations?: object } }[] };
    };
    expect(code).toBe(0);
    expect(err).toBe('signalbox: parts bring HostRecord/a-b.lan, HostRecord/zed.lan\n');
    expect(spec.resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      'HostRecord/a-b.lan',
      'HostRecord/zed.lan',
      'EventGroup/lan',
      'EventSubscription/hosts',
      'Plugin/hosts',
    ]);
    expect(spec.resources[1]?.metadata.annotations).toMatchObject({
      'routerd.net/dynamic-source': 'EventSubscription/hosts',
      'routerd.net/event-id': 'e1',
    });
    expect(await signalbox('dynamic', 'render', '--events', 'facts.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--events needs --config'),
    });
  });

  it('facts of a file are held to the grammar of facts, with their place', async () => {
    await declare();
    await writeFile(
      join(dir, 'lines.json'),
      '{"type":"client.seen","subject":"10.0.0.1"}\n{"type":"client.seen","subjct":"x"}\n',
    );
    expect(
      await signalbox('subscription', 'test', 'hosts', '-f', 'site.yaml', '--event', 'lines.json'),
    ).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^signalbox: bad-grammar: lines.json: fact 2: .*subjct/),
    });
    await writeFile(join(dir, 'broken.json'), '{"type":"a.b"}\n{"type":\n');
    expect(
      await signalbox('subscription', 'test', 'hosts', '-f', 'site.yaml', '--event', 'broken.json'),
    ).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^signalbox: bad-json: broken.json: line 2: /),
    });
  });

  function record(name: string, address: string): object {
    return {
      apiVersion: 'dns.example.net/v1',
      kind: 'HostRecord',
      metadata: { name },
      spec: { name, address },
    };
  }

  async function script(name: string, text: string): Promise<void> {
    await writeFile(join(dir, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(dir, name), 0o755);
  }

  async function verdicts(name: string, ...flags: string[]): Promise<Record<string, string>> {
    const { code, out } = await signalbox('plugin', 'conformance', name, '-o', 'json', ...flags);
    const checks = JSON.parse(out) as ConformanceCheck[];
    expect(code).toBe(checks.some(({ verdict }) => verdict === 'fail') ? 1 : 0);
    return Object.fromEntries(checks.map(({ check, verdict }) => [check, verdict]));
  }

  /** A site with the example in Node, copied to where it may be run. */
  async function declare(change: object = {}, ...more: readonly object[]): Promise<void> {
    const executable = join(dir, 'host-record.mjs');
    await copyFile(NODE[1], executable);
    await chmod(executable, 0o755);
    const resources = [
      {
        apiVersion: 'federation.routerd.net/v1alpha1',
        kind: 'EventGroup',
        metadata: { name: 'lan' },
        spec: { nodeName: 'edge' },
      },
      {
        apiVersion: 'plugin.routerd.net/v1alpha1',
        kind: 'Plugin',
        metadata: { name: 'hosts' },
        spec: { executable, capabilities: ['propose.dynamicConfig'], ...change },
      },
      {
        apiVersion: 'federation.routerd.net/v1alpha1',
        kind: 'EventSubscription',
        metadata: { name: 'hosts' },
        spec: { groupRef: 'lan', match: { types: ['client.seen'] }, trigger: { pluginRef: 'hosts' } },
      },
      ...more,
    ];
    await writeFile(
      join(dir, 'site.yaml'),
      resources.map((resource) => JSON.stringify(resource)).join('\n---\n'),
    );
  }
});
