import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Alarm, Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type { BackendItem } from '../../apps/cli/src/rest/answers.js';
import type { BackendSourceItem } from '../../apps/cli/src/rest/answers.js';
import { emit, fromNow } from './federated-pair.js';
import { manifest } from './manifests.js';
import {
  balance,
  connectCheck,
  effectiveOf,
  findListener,
  localNode,
  type NamedServer,
  placeOf,
  serves,
  staysSo,
  Traffic,
  webListener,
} from './traffic.js';

jest.setTimeout(300_000);

/**
 * How long a machine stays with weight 0, and how long registrations live that are to be over soon, and that outlive what a busy
 * machine needs to read them. Seconds.
 */
const [DRAIN, SHORT, RENEWED, LONGER] = [2, 3, 10, 15];

/** Name of the Backend of a machine. */
function backendOf({ address, port }: NamedServer): string {
  return `vms-${address}:${port}`;
}

describe('registrations', () => {
  const traffic = new Traffic();
  let site: Site;
  let machines: readonly NamedServer[];
  let serial = 0;

  beforeAll(async () => {
    site = await Site.start({ shape: 'services' });
    machines = await traffic.start(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    await apply(
      await localNode('sim'),
      connectCheck(),
      ...webListener(),
      balance('BackendSource', 'vms', {
        pool: 'web',
        healthCheck: 'connect',
        drain: `${DRAIN}s`,
        unavailableAfter: '0s',
        facts: { group: 'default', type: 'vm.up', retractType: 'vm.down' },
      }),
    );
  }, 300_000);

  afterAll(async () => {
    await traffic.close();
    await site?.stop();
  }, 300_000);

  async function apply(...resources: readonly Resource[]): Promise<void> {
    const { status, body } = await site.rest('POST', '/v1/apply?wait=60s', manifest(...resources));
    expect([status, body]).toEqual([200, body]);
  }

  /** Announces a machine; returns the id of the fact. */
  async function register(
    machine: NamedServer,
    seconds = 3600,
    payload: object = {},
    type = 'vm.up',
  ): Promise<string> {
    const { name, address, port } = machine;
    const id = `${name}-${(serial += 1)}`;
    await emit(site, 'default', {
      ...{ id, type, subject: name },
      payload: { address, port: String(port), ...payload },
      observedAt: fromNow(0),
      expiresAt: fromNow(seconds),
    });
    return id;
  }

  function weigh(weights: Readonly<Record<string, number>>) {
    return serves(site, 'web', weights);
  }

  const effective = async (): Promise<Record<string, number>> => effectiveOf(await findListener(site, 'web'));
  const source = (): Promise<BackendSourceItem> => site.json('show', 'sources', 'vms');

  /** Ends a machine whose test is over. */
  async function retire(machine: NamedServer): Promise<void> {
    await register(machine, 3600, {}, 'vm.down');
    await until('the machine to be gone', async () => !(backendOf(machine) in (await effective())));
  }

  it('a machine that registers is reachable, and it is told by which fact', async () => {
    const [a] = machines as [NamedServer];
    const id = await register(a, 3600, { weight: '70', tags: 'blue,web' });
    const place = await weigh({ [backendOf(a)]: 70 });
    expect(await traffic.ask(place)).toBe('a');

    const [name, part] = [backendOf(a), { source: 'BackendSource/vms' }];
    expect(await site.json<BackendItem>('show', 'backends', name)).toMatchObject({
      state: 'up',
      origin: { part, facts: { group: 'default', ids: [id] } },
    });
    const { body } = await site.rest<{ verdict: string }>('GET', `/v1/groups/default/events/${id}/explain`);
    expect(body.verdict).toBe(`BackendSource/vms has Backend/${name} from it.`);
    expect(await source()).toMatchObject({
      way: 'facts',
      state: 'synced',
      endpoints: 1,
      draining: 0,
      refused: [],
      part: { source: 'BackendSource/vms', state: 'active' },
    });
    await retire(a);
  });

  it('a registration that is renewed stays, and nothing is proposed again', async () => {
    const [, b] = machines as [NamedServer, NamedServer];
    await register(b, RENEWED);
    await weigh({ [backendOf(b)]: 100 });
    const { part } = await source();
    const isSo = async (): Promise<boolean> => {
      await register(b, RENEWED);
      return (await effective())[backendOf(b)] === 100;
    };
    await staysSo('a renewed machine to serve', isSo, (RENEWED + 1) * 1000);
    expect((await source()).part).toEqual(part);
    await retire(b);
  });

  it('is drained when its facts stop, then gone', async () => {
    const c = machines[2]!;
    await register(c, SHORT);
    await weigh({ [backendOf(c)]: 100 });
    await weigh({ [backendOf(c)]: 0 });
    expect(await source()).toMatchObject({ endpoints: 1, draining: 1 });
    await weigh({});
    expect(await source()).toMatchObject({ endpoints: 0, draining: 0 });
  });

  it('is drained when it is retracted, and comes back when it registers again', async () => {
    const d = machines[3]!;
    await register(d);
    await weigh({ [backendOf(d)]: 100 });
    await register(d, 3600, {}, 'vm.down');
    await weigh({ [backendOf(d)]: 0 });
    await register(d);
    await weigh({ [backendOf(d)]: 100 });
    await retire(d);
  });

  it('a fact that names no endpoint is refused, and what the machine had stays', async () => {
    const e = machines[4]!;
    await register(e);
    await weigh({ [backendOf(e)]: 100 });
    const id = await register(e, 3600, { port: 'http' });
    const refused = await until('the reason', async () => (await source()).refused?.[0]);
    expect(refused).toContain(`fact ${id} of`);
    expect(refused).toContain('payload.port "http" is no port from 1 to 65535');
    expect(await effective()).toEqual({ [backendOf(e)]: 100 });
    await register(e);
    await until('the reason to be gone', async () => (await source()).refused?.length === 0);
    await retire(e);
  });

  it('F18 nothing moves while nobody can renew, nor for a lifetime after that', async () => {
    const f = machines[5]!;
    await register(f, SHORT);
    await weigh({ [backendOf(f)]: 100 });
    const ingest = await site.servicePid('ingest');
    process.kill(ingest, 'SIGSTOP');
    try {
      const { reason } = await until('the source to be unavailable', async () => {
        const found = await source();
        return found.state === 'unavailable' && found;
      });
      expect(reason).toBe('ingest takes no facts: nobody can renew a registration');
      const alarms = await site.json<readonly Alarm[]>('show', 'alarms');
      expect(alarms).toContainEqual(expect.objectContaining({ kind: 'source-unavailable', name: 'vms' }));
      expect(await effective()).toEqual({ [backendOf(f)]: 100 });
    } finally {
      process.kill(ingest, 'SIGCONT');
    }
    await register(f);
    await until('the source to be back', async () => (await source()).state === 'synced');
    expect(await effective()).toEqual({ [backendOf(f)]: 100 });
    await retire(f);
  });

  it('F18 a restart of everything changes nothing, although registrations are over by then', async () => {
    const g = machines[6]!;
    await register(g, LONGER);
    await weigh({ [backendOf(g)]: 100 });
    const { part } = await source();
    await site.shutDown();
    const overMs = Date.now() + LONGER * 1000;
    await until('the registration to be over', () => Date.now() > overMs);
    await site.up();
    await until('the source to be read', async () => (await source()).state === 'synced');
    expect(await effective()).toEqual({ [backendOf(g)]: 100 });
    await register(g);
    expect(await effective()).toEqual({ [backendOf(g)]: 100 });
    expect((await source()).part).toEqual(part);
    expect(await traffic.ask(await placeOf(site, 'web'))).toBe('g');
    await retire(g);
  });

  it('a part that does not fit is refused with the reason, and comes when it fits', async () => {
    const h = machines[7]!;
    const own = balance('Backend', backendOf(h), { address: h.address, port: h.port });
    await apply(own);
    await register(h);
    const rejected = await until('the refusal', async () => (await source()).rejected);
    expect(rejected.message).toContain(backendOf(h));
    const alarms = await site.json<readonly Alarm[]>('show', 'alarms');
    expect(alarms).toContainEqual(expect.objectContaining({ kind: 'source-rejected', name: 'vms' }));
    const path = `/v1/resources/Backend/${encodeURIComponent(backendOf(h))}`;
    expect((await site.rest('DELETE', path)).status).toBe(200);
    await weigh({ [backendOf(h)]: 100 });
    expect((await source()).rejected).toBeUndefined();
  });

  it('what a source brought goes with it', async () => {
    expect(Object.keys(await effective())).toHaveLength(1);
    expect((await site.rest('DELETE', '/v1/resources/BackendSource/vms')).status).toBe(200);
    await weigh({});
    expect(await site.differences()).toBe('');
  });
});
