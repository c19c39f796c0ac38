import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Alarm, canonicalJson, type Resource } from '@signalbox/contracts';
import {
  type DnsAnswer,
  dnsRecords,
  dnsServer,
  keptFor,
  Site,
  SocketServers,
  until,
} from '@signalbox/testing';
import { manifest } from './manifests.js';
import {
  balance,
  effectiveOf,
  findListener,
  localNode,
  type NamedServer,
  serves,
  staysSo,
  Traffic,
  webListener,
} from './traffic.js';

jest.setTimeout(300_000);

/** What is not there any more goes at once, and what cannot be asked is told of at once. */
const QUICK = { pool: 'web', drain: '0s', unavailableAfter: '0s' };

describe('backends of names and files', () => {
  const traffic = new Traffic();
  const sockets = new SocketServers();
  let site: Site;
  let [a, b]: NamedServer[] = [];

  beforeAll(async () => {
    site = await Site.start();
    [a, b] = await traffic.start(['a', 'b']);
    expect((await apply(await localNode('sim'), ...webListener())).status).toBe(200);
  });

  afterAll(async () => {
    await traffic.close();
    await site?.stop();
    await sockets.close();
  });

  const apply = (...resources: Resource[]) => site.rest('POST', '/v1/apply', manifest(...resources));
  const nameOf = (source: string, server: NamedServer | undefined): string =>
    `${source}-127.0.0.1:${server?.port}`;
  /** Weights of the backends that a source brought for these servers. */
  const weights = (source: string, ...of: readonly (readonly [NamedServer | undefined, number])[]) =>
    Object.fromEntries(of.map(([server, weight]) => [nameOf(source, server), weight]));
  const alarmsOf = async (name: string): Promise<readonly Alarm[]> =>
    (await site.json<readonly Alarm[]>('show', 'alarms')).filter((alarm) => alarm.name === name);

  it('a file is followed; while it is wrong or away its backends stay', async () => {
    const directory = join(site.stateDir, 'sources');
    await mkdir(directory, { recursive: true });
    const write = async (text: string): Promise<void> => {
      await writeFile(join(directory, 'web.tmp'), text);
      await rename(join(directory, 'web.tmp'), join(directory, 'web.yaml'));
    };
    const entry = (server: NamedServer | undefined, more = ''): string =>
      `- {address: 127.0.0.1, port: ${server?.port}${more}}\n`;

    await write(entry(a));
    const source = balance('BackendSource', 'listed', { ...QUICK, file: { path: 'web.yaml' } });
    expect((await apply(source)).status).toBe(200);
    const place = await serves(site, 'web', weights('listed', [a, 100]));
    expect(await traffic.tally(place, 4)).toEqual({ a: 4 });

    await write(entry(a) + entry(b, ', weight: 50'));
    await serves(site, 'web', weights('listed', [a, 100], [b, 50]));
    expect(Object.keys(await traffic.tally(place, 12))).toHaveLength(2);

    await write(`${entry(a)}- {address: 127.0.0.1, port: 0}\n`);
    const [alarm] = await until('the alarm', async () => {
      const alarms = await alarmsOf('listed');
      return alarms.length > 0 && alarms;
    });
    expect(alarm).toMatchObject({
      kind: 'source-unavailable',
      text: 'BackendSource/listed cannot be asked: web.yaml is wrong: /1/port must be at least 1 (line 2, column 24)',
    });
    expect(effectiveOf(await findListener(site, 'web'))).toEqual(weights('listed', [a, 100], [b, 50]));
    await rm(join(directory, 'web.yaml'));
    await until('the file to be missed', async () =>
      (await alarmsOf('listed')).some(({ text }) => text.includes('does not exist')),
    );
    expect(effectiveOf(await findListener(site, 'web'))).toEqual(weights('listed', [a, 100], [b, 50]));

    await write('[]');
    await serves(site, 'web', {});
    expect(await alarmsOf('listed')).toEqual([]);
    expect((await site.rest('DELETE', '/v1/resources/BackendSource/listed')).status).toBe(200);
  });

  it('a name is followed; a restart while it cannot be asked changes nothing', async () => {
    let isAway = false;
    let serving: readonly (NamedServer | undefined)[] = [a];
    const port = await dnsServer(sockets, ({ type }): DnsAnswer => {
      if (isAway) return { rcode: 2 };
      if (type === 1) return { records: [keptFor(0, dnsRecords.a(127, 0, 0, 1))] };
      return {
        records: serving.map((server) => keptFor(0, dnsRecords.srv(0, 1, server?.port ?? 0, 'host.example'))),
      };
    });
    const dns = { name: '_web._tcp.example', type: 'SRV', servers: [`127.0.0.1:${port}`] };
    const source = balance('BackendSource', 'named', {
      ...QUICK,
      dns: { ...dns, minInterval: '50ms', maxInterval: '200ms' },
    });
    expect((await apply(source)).status).toBe(200);
    await serves(site, 'web', weights('named', [a, 100]));
    serving = [a, b];
    const both = weights('named', [a, 100], [b, 100]);
    const place = await serves(site, 'web', both);
    expect(Object.keys(await traffic.tally(place, 8))).toHaveLength(2);

    isAway = true;
    await until('the alarm', async () => (await alarmsOf('named')).length > 0);
    await site.kill();
    await site.up();
    await until('the alarm after the restart', async () => (await alarmsOf('named')).length > 0);
    await staysSo(
      'both to serve',
      async () => canonicalJson(effectiveOf(await findListener(site, 'web'))) === canonicalJson(both),
      500,
    );

    isAway = false;
    serving = [b];
    await serves(site, 'web', weights('named', [b, 100]));
    expect(await alarmsOf('named')).toEqual([]);
  });
});
