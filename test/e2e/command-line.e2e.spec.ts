import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FEDERATION_API } from '@signalbox/contracts';
import { CHECKOUT, type CommandResult, runCommand, Site, until } from '@signalbox/testing';
import { manifest, resource } from './manifests.js';
import { findFact } from './federated-pair.js';

const CLI = join(CHECKOUT, 'bin', 'signalbox');
const NET_API = 'net.routerd.net/v1alpha1';

let site: Site;
beforeAll(async () => {
  site = await Site.start({ node: 'edge-1' });
}, 300_000);
afterAll(() => site?.stop(), 300_000);

/** The CLI with a text on its stdin. */
function signalbox(args: readonly string[], input = '', context = 'context.json'): Promise<CommandResult> {
  return runCommand(process.execPath, [CLI, ...args], {
    input,
    env: { ...process.env, SIGNALBOX_CONTEXT: join(site.stateDir, context), NO_COLOR: '1' },
  });
}

async function succeed(args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await signalbox(args, input);
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

describe('resources by the command line', () => {
  it('X45 what get prints as YAML is applied again, conditions and all, and changes nothing', async () => {
    const peers = ['a', 'b'].map((name) =>
      resource(FEDERATION_API, 'EventPeer', name, {
        groupRef: 'roundtrip',
        nodeName: `node-${name}`,
        endpoint: 'http://127.0.0.1:9',
      }),
    );
    const group = resource(FEDERATION_API, 'EventGroup', 'roundtrip', {
      nodeName: 'edge-1',
      auth: { mode: 'hmac', secretFile: join(site.secretDir, 'none.key') },
      when: { enabled: true },
    });
    expect(await succeed(['apply', '-f', '-'], manifest(group, ...peers))).toContain('/spec/when');
    for (const what of [['EventGroup', 'roundtrip'], ['EventPeer']]) {
      const printed = await succeed(['get', ...what, '-o', 'yaml']);
      expect(await succeed(['apply', '-f', '-'], printed)).toMatch(/nothing to do|0 added|unchanged/);
      expect(await succeed(['apply', '-f', '-', '-o', 'json'], printed)).toContain('"changed": false');
    }
    const [kept] = await site
      .json<{ resource: object; status: { conditions: { reason: string }[] } }[]>('get', 'EventGroup')
      .then((groups) => groups.filter((one) => JSON.stringify(one.resource).includes('roundtrip')));
    expect(kept?.status.conditions.map(({ reason }) => reason)).toContain('accepted-without-effect');
    expect(kept?.resource).not.toHaveProperty('status');
  });

  it.each(['a/b', 'a%2Fb', 'a?b=c', 'a#b', '...', '-a', 'ä😀', '__proto__', 'x'.repeat(253)])(
    'X14 a resource called %s is got, described and deleted',
    async (name) => {
      const kind = 'Route.net.routerd.net';
      await succeed(['apply', '-f', '-'], manifest(resource(NET_API, 'Route', name, { metric: 1 })));
      expect(JSON.parse(await succeed(['get', '-o', 'json', '--', kind, name]))).toMatchObject({
        resource: { kind: 'Route', metadata: { name } },
      });
      expect(await succeed(['describe', '--', kind, name])).toContain('Route');
      expect(await succeed(['delete', '--', kind, name])).toContain('1 removed');
      expect((await signalbox(['get', '--', kind, name])).code).toBe(4);
    },
  );

  it.each(['.', '..'])('X14 %s is no name of any kind', async (name) => {
    const { code, stderr } = await signalbox(
      ['apply', '-f', '-'],
      manifest(resource(NET_API, 'Route', name, {})),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/stdin:\d+:\d+ .*\/metadata\/name/);
  });

  it('X43 a misspelt kind is refused by apply and unknown to get', async () => {
    const misspelt = manifest(resource(FEDERATION_API, 'EventSubscriptoin', 's', {}));
    const refused = await signalbox(['apply', '-f', '-'], misspelt);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/unknown-kind[^]*did you mean EventSubscription\b/i);
    for (const kind of ['EventGrup', 'all']) expect((await signalbox(['get', kind])).code).toBe(4);
    expect((await signalbox(['get', 'EventGrup'])).stderr).toMatch(/did you mean EventGroup/i);
  });

  it('X45 errors name file and line, and a directory is applied as a whole', async () => {
    const dir = join(site.stateDir, 'manifests');
    await mkdir(dir);
    try {
      await writeFile(join(dir, 'a.yaml'), manifest(resource(NET_API, 'Route', 'a', {})));
      await writeFile(join(dir, 'b.yaml'), '# peers\n---\nkind: EventPeer\n---\nspec: {}\n');
      const { code, stderr } = await signalbox(['apply', '-f', dir]);
      expect(code).toBe(1);
      expect(stderr).toContain(`${join(dir, 'b.yaml')}:3:1 `);
      expect(stderr).toContain(`${join(dir, 'b.yaml')}:5:1 `);
      await rm(join(dir, 'b.yaml'));
      expect(await succeed(['apply', '-f', dir])).toContain('+ Route');
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

it('X20 the token of another site is not sent to this one', async () => {
  const context = JSON.parse(await readFile(join(site.stateDir, 'context.json'), 'utf8')) as object;
  expect(context).toMatchObject({ siteId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  await writeFile(join(site.stateDir, 'other.json'), JSON.stringify({ ...context, siteId: '0'.repeat(32) }), {
    mode: 0o600,
  });
  const { code, stderr } = await signalbox(['status'], '', 'other.json');
  expect(code).toBe(6);
  expect(stderr).toContain('wrong-site');
  expect((await signalbox(['status'])).code).toBe(0);
});

it('X7 payload keys that every object inherits come through by every way in', async () => {
  const payload = '{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}';
  const bodies = ['x7-rest', 'x7-request', 'x7-pub'].map(
    (id) => `{"id":"${id}","subject":"${id}","payload":${payload}}`,
  );
  const rest = await fetch(`${site.url}/v1/groups/default/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.token}`, 'content-type': 'application/json' },
    body: bodies[0]!.replace('{"id"', '{"type":"x7.seen","id"'),
  });
  expect(rest.status).toBe(202);
  const nats = await site.rawNats();
  expect(JSON.parse(await nats.request('emit.default.x7.seen', bodies[1]!))).toMatchObject({
    accepted: true,
  });
  await nats.publish('events.default.x7.seen', bodies[2]!);
  for (const id of ['x7-rest', 'x7-request', 'x7-pub']) {
    const stored = await until(`${id} to be stored`, () => findFact(site, 'default', id));
    expect([id, JSON.stringify(Object.entries(stored.payload ?? {}).sort())]).toEqual([
      id,
      JSON.stringify(Object.entries(JSON.parse(payload) as object).sort()),
    ]);
  }
  nats.close();
});
