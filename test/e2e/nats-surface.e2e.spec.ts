import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SERVICES } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { type Shape, SHAPES, Site, until } from '@signalbox/testing';
import { connect, type NatsConnection, nkeyAuthenticator } from 'nats';

/** `<service>-<what for>-<random end>`, or a durable's name for its work. */
const NAMED = new RegExp(
  `^(?:(?:site|${SERVICES.join('|')})-[a-z][a-z0-9_-]+-[A-Za-z0-9]{22}|ingest|deliver-default-cloud-[0-9a-f]{8}-[0-9a-f]{8})$`,
);

interface Answer {
  readonly name: string;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly endpoints: readonly { readonly name: string; readonly num_requests: number }[];
}

describe.each(SHAPES)('a site as NATS shows it (%s)', (shape: Shape) => {
  let site: Site;
  let nats: NatsConnection;

  beforeAll(async () => {
    site = await Site.start({ shape });
    const seed = await site.natsSeed('operator');
    const authenticator = seed === undefined ? undefined : nkeyAuthenticator(Buffer.from(seed));
    nats = await connect({ servers: site.nats.url, ...(authenticator && { authenticator }) });
    const secretFile = join(site.stateDir, 'secrets', 'edge.key');
    await writeFile(secretFile, 'secret');
    await site.apply(`
apiVersion: federation.routerd.net/v1alpha1
kind: EventGroup
metadata: { name: default }
spec: { nodeName: test-node, auth: { secretFile: ${secretFile} } }
---
apiVersion: federation.routerd.net/v1alpha1
kind: EventPeer
metadata: { name: cloud }
spec: { groupRef: default, nodeName: cloud, endpoint: "http://127.0.0.1:${await freePort()}" }
`);
  }, 180_000);

  afterAll(async () => {
    await nats.close();
    await site.stop();
  });

  /** What each service answers, by its name. */
  async function asked(verb: 'PING' | 'INFO' | 'STATS'): Promise<ReadonlyMap<string, Answer>> {
    return until(`all services to answer ${verb}`, async () => {
      const answers = new Map<string, Answer>();
      for await (const message of await nats.requestMany(`$SRV.${verb}`, '', {
        maxWait: 5000,
        maxMessages: SERVICES.length,
      })) {
        const answer = message.json<Answer>();
        answers.set(answer.name, answer);
      }
      return answers.size === SERVICES.length ? answers : undefined;
    });
  }

  it('answers the services framework, each service with its endpoints', async () => {
    const pings = await asked('PING');
    expect([...pings.keys()].sort()).toEqual([...SERVICES].sort());
    for (const [name, { version, metadata }] of pings) {
      expect(version).toMatch(/^\d+\.\d+\.\d+/);
      expect(metadata).toEqual({
        site: 'test-node',
        process: shape === 'standalone' ? 'site' : name,
        ...(name === 'dataplane-agent' && { node: 'local' }),
      });
    }
    const infos = await asked('INFO');
    // who asks only answers nothing else
    for (const name of SERVICES.filter((one) => one !== 'api'))
      expect([name, infos.get(name)?.endpoints.length]).not.toEqual([name, 0]);
    expect(infos.get('dataplane-agent')!.endpoints.map(({ name }) => name)).toContain('ask-local-state');
  });

  it('counts what its endpoints were asked', async () => {
    const emits = async (): Promise<number> =>
      (await asked('STATS')).get('ingest')!.endpoints.find(({ name }) => name === 'emit')!.num_requests;
    const before = await emits();
    await nats.request('emit.default.client.seen', '{}', { timeout: 10_000 });
    expect(await emits()).toBe(before + 1);
  });

  it('has consumers whose names say who reads and what for', async () => {
    const manager = await nats.jetstreamManager();
    const seen = await until('the durable of the peer', async () => {
      const found: { name: string; description: string | undefined }[] = [];
      for await (const { config } of manager.streams.list())
        for await (const consumer of manager.consumers.list(config.name))
          found.push({ name: consumer.name, description: consumer.config.description });
      return found.some(({ name }) => name.startsWith('deliver-')) ? found : undefined;
    });
    expect(seen.length).toBeGreaterThan(10);
    for (const { name, description } of seen) {
      expect(name).toMatch(NAMED);
      expect([name, description]).toEqual([name, expect.stringMatching(/^[a-z-]+: \S/)]);
    }
  });
});
