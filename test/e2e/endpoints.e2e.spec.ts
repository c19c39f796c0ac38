import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PLUGIN_API, type PluginSpec, type Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import {
  HostileEndpoint,
  type SeenRequest,
} from '../../apps/plugin-runner/src/execution/endpoint/hostile-endpoint.fixture.js';
import { CA, CERTIFICATE, KEY } from '../../libs/bus/src/certificates.fixture.js';
import { manifest, resource, subscription } from './manifests.js';
import { activePart, emit, endedRun, runsOf } from './site-activity.js';

jest.setTimeout(300_000);

const TOKEN = 'the-token-of-the-endpoint';

/** A host for each event of something seen, as {@link HostileEndpoint} answers it. */
function hostsOf({ request }: SeenRequest): string {
  const seen = request.spec.events.filter(({ type }) => String(type).endsWith('.seen'));
  const resources = seen.map(({ subject }) => ({
    apiVersion: 'example.net/v1',
    kind: 'SeenHost',
    metadata: { name: subject },
    spec: {},
  }));
  return JSON.stringify({ apiVersion: PLUGIN_API, kind: 'PluginResult', status: { ttl: '1h', resources } });
}

describe('plugins at an endpoint', () => {
  let site: Site;
  let plain: HostileEndpoint;
  let secure: HostileEndpoint;

  beforeAll(async () => {
    site = await Site.start();
    plain = await HostileEndpoint.start();
    secure = await HostileEndpoint.startSecure({ key: KEY, cert: CERTIFICATE });
    await writeFile(join(site.stateDir, 'ca.pem'), CA);
    // vouches for itself only
    await writeFile(join(site.stateDir, 'wrong.pem'), CERTIFICATE);
    await writeFile(join(site.secretDir, 'token'), TOKEN);
  });

  afterAll(async () => {
    await Promise.all([site?.stop(), plain?.stop(), secure?.stop()]);
  });

  function endpoint(name: string, http: PluginSpec['http'], change: Partial<PluginSpec> = {}): Resource {
    const spec: PluginSpec = { mode: 'http', http, capabilities: ['propose.dynamicConfig'], ...change };
    return resource(PLUGIN_API, 'Plugin', name, spec);
  }

  it('facts are posted to it, and what it answers becomes a part', async () => {
    plain.answer = (response, seen) => response.end(hostsOf(seen));
    await site.apply(
      manifest(endpoint('plain', { url: plain.url }), subscription('plain', 'plain.seen', 'plain')),
    );
    await emit(site, { id: 'p1', type: 'plain.seen', subject: 'printer' });
    const part = await activePart(site, 'plain', 'p1');
    expect(part.body?.resources).toMatchObject([{ kind: 'SeenHost', metadata: { name: 'printer' } }]);
    const run = await endedRun(site, 'plain', 'p1');
    const [execution] = run.executions;
    expect(execution).toMatchObject({ outcome: 'proposed', stdoutDigest: expect.any(String) });
    expect([execution?.exitCode, execution?.pluginDigest]).toEqual([undefined, undefined]);
    expect(plain.seen.at(-1)?.headers).toMatchObject({
      'signalbox-run': run.runId,
      'idempotency-key': `${run.runId}.1`,
    });
    const { stdout } = await site.cli('describe', 'Plugin', 'plain');
    expect(stdout).toMatch(new RegExp(`Uncontained endpoint: is run by whoever is at ${plain.url}: `));
  });

  it('a failed answer is tried again with a key of its own, and says why', async () => {
    plain.answer = (response, seen) =>
      seen.headers['signalbox-attempt'] === '1'
        ? void response.writeHead(500).end('the database is away\nat line 3')
        : void response.end(hostsOf(seen));
    await emit(site, { id: 'p2', type: 'plain.seen', subject: 'scanner' });
    await activePart(site, 'plain', 'p2');
    const { runId, executions } = await endedRun(site, 'plain', 'p2');
    expect(executions).toMatchObject([
      {
        outcome: 'failed',
        error: { code: 'plugin-exit', message: 'plugin plain: answered 500: the database is away' },
        stderr: 'the database is away\nat line 3',
      },
      { outcome: 'proposed' },
    ]);
    const keys = plain.seen.slice(-2).map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([`${runId}.1`, `${runId}.2`]);
  });

  it('TLS with authorities and a secret of its own; with the wrong authorities nothing is sent', async () => {
    const http = { url: secure.url, caFile: join(site.stateDir, 'ca.pem'), bearerSecret: 'token' };
    const secrets = [{ name: 'token', file: join(site.secretDir, 'token') }];
    secure.answer = (response, seen) =>
      seen.headers.authorization === `Bearer ${TOKEN}`
        ? void response.end(hostsOf(seen))
        : void response.writeHead(401).end();
    const declare = (caFile: string): Promise<unknown> =>
      site.apply(
        manifest(
          endpoint('secure', { ...http, caFile }, { secrets }),
          subscription('secure', 'secure.seen', 'secure'),
        ),
      );
    await declare(http.caFile);
    await emit(site, { id: 's1', type: 'secure.seen', subject: 'safe' });
    expect((await activePart(site, 'secure', 's1')).body?.resources).toHaveLength(1);

    const before = secure.seen.length;
    await declare(join(site.stateDir, 'wrong.pem'));
    await emit(site, { id: 's2', type: 'secure.seen', subject: 'safe' });
    const run = await endedRun(site, 'secure', 's2');
    expect([run.state, run.errorCode, run.attempt]).toEqual(['failed', 'plugin-untrusted', 1]);
    expect(secure.seen).toHaveLength(before);
    expect(site.log).not.toContain(TOKEN);
  });

  it('what it cannot be run with is told at the apply, and it runs when that is mended', async () => {
    const caFile = join(site.stateDir, 'late.pem');
    const declared = manifest(
      endpoint('late', { url: secure.url, caFile }),
      subscription('late', 'late.seen', 'late', { retry: { maxAttempts: 10 } }),
    );
    secure.answer = (response, seen) => response.end(hostsOf(seen));
    await writeFile(join(site.stateDir, 'late.yaml'), declared);
    const applied = await site.cli('apply', '-f', join(site.stateDir, 'late.yaml'));
    expect(applied.stdout + applied.stderr).toMatch(/late\.pem.*cannot be read \(ENOENT\)/);
    await emit(site, { id: 'l1', type: 'late.seen', subject: 'late' });
    await until('a failed attempt', async () =>
      (await runsOf(site, 'late')).some(({ executions }) =>
        executions.some(({ error }) => error?.code === 'plugin-start-failed'),
      ),
    );
    await writeFile(caFile, CA);
    expect((await activePart(site, 'late', 'l1')).body?.resources).toHaveLength(1);
  });

  it('a batch is halved for what facts can cause, and not when the endpoint is away', async () => {
    plain.answer = (response, seen) =>
      seen.request.spec.events.some(({ subject }) => subject === 'bad')
        ? void response.writeHead(422).end('bad host')
        : void response.end(hostsOf(seen));
    await site.apply(
      manifest(
        endpoint('many', { url: plain.url }),
        subscription('many', 'many.seen', 'many', {
          retry: { maxAttempts: 1 },
          trigger: { batchWindow: '500ms' },
        }),
      ),
    );
    for (const subject of ['one', 'two', 'bad', 'three'])
      await emit(site, { id: `m-${subject}`, type: 'many.seen', subject });
    await activePart(site, 'many', 'm-three');
    expect(await endedRun(site, 'many', 'm-bad')).toBeDefined();
    const alone = await until('the bad fact alone', async () =>
      (await runsOf(site, 'many')).find(
        ({ facts, state }) => facts[0]?.id === 'm-bad' && facts.length === 1 && state === 'failed',
      ),
    );
    expect(alone).toMatchObject({
      errorCode: 'plugin-exit',
      error: expect.stringContaining('answered 422: bad host'),
    });

    plain.answer = (response) => response.writeHead(503).end();
    for (const subject of ['four', 'five'])
      await emit(site, { id: `m-${subject}`, type: 'many.seen', subject });
    const away = await endedRun(site, 'many', 'm-five');
    expect([away.state, away.errorCode]).toEqual(['failed', 'plugin-unreachable']);
    expect((await runsOf(site, 'many')).filter(({ halving }) => halving?.of === away.runId)).toEqual([]);
  });

  it('an interval and a person start it, suspend holds it up, and conformance looks at it', async () => {
    plain.answer = (response, seen) => response.end(hostsOf(seen));
    const { url } = plain;
    const every = { triggers: [{ type: 'interval', every: '1h' }] } as const;
    await site.apply(manifest(endpoint('timed', { url }, every)));
    await until('a run of the clock', async () =>
      (await site.all<{ source: string; state: string }>('/v1/runs')).some(
        ({ source, state }) => source === 'Plugin/timed' && state === 'succeeded',
      ),
    );
    const dry = await site.cli('plugin', 'run', 'timed', '--dry-run', '-o', 'json');
    expect([dry.code, dry.stderr]).toEqual([
      0,
      expect.stringMatching(/^signalbox: Plugin\/timed took \d+ ms\n/),
    ]);

    const offline = join(site.stateDir, 'offline.yaml');
    await writeFile(offline, manifest(endpoint('away', { url })));
    const alone = await site.cli('plugin', 'run', 'away', '-f', offline, '-o', 'json');
    expect([alone.code, JSON.parse(alone.stdout)]).toMatchObject([0, { spec: { source: 'Plugin/away' } }]);

    const checked = await site.cli('plugin', 'conformance', url, '-o', 'json');
    const checks = JSON.parse(checked.stdout) as { check: string; verdict: string }[];
    expect(checked.code).toBe(0);
    expect(checks.map(({ verdict }) => verdict)).not.toContain('fail');
    expect(checks[0]).toMatchObject({ check: 'the endpoint takes requests', verdict: 'ok' });

    plain.answer = (response) => response.writeHead(404).end();
    const absent = await site.cli('plugin', 'conformance', url, '-o', 'json');
    expect([absent.code, JSON.parse(absent.stdout)]).toEqual([
      1,
      [
        {
          check: 'the endpoint takes requests',
          verdict: 'fail',
          seen: 'plugin-refused: plugin endpoint: answered 404',
        },
      ],
    ]);
    const open = await site.cli('plugin', 'conformance', 'http://192.0.2.1/run');
    expect([open.code, open.stderr]).toEqual([1, expect.stringContaining('/spec/http/url')]);

    plain.answer = (response, seen) => response.end(hostsOf(seen));
    await site.apply(
      manifest(endpoint('held', { url }, { suspend: true }), subscription('held', 'held.seen', 'held')),
    );
    const before = plain.seen.length;
    await emit(site, { id: 'h1', type: 'held.seen', subject: 'held' });
    await until('the fact to wait', async () =>
      (await site.cli('show', 'alarms')).stdout.includes('plugin-suspended'),
    );
    expect(plain.seen).toHaveLength(before);
    await site.apply(manifest(endpoint('held', { url })));
    expect((await activePart(site, 'held', 'h1')).body?.resources).toHaveLength(1);
  });
});
