import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Alarm, FEDERATION_API, PLUGIN_API } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { Site, until } from '@signalbox/testing';
import type {
  DeliveryItem,
  EmitAnswer,
  ExplainAnswer,
  StatusAnswer,
} from '../../apps/cli/src/rest/answers.js';
import { writeSecret } from './federated-pair.js';
import { manifest, plugin, resource } from './manifests.js';
import { endedRun } from './site-activity.js';
import { seenHost } from './test-plugins.js';

jest.setTimeout(60_000);

const GROUP = 'edge';
const SECRET = 'edge.key';

describe('what is wrong is told wherever somebody looks', () => {
  let site: Site;
  let port: number;

  beforeAll(async () => {
    site = await Site.start({ node: 'onprem' });
    port = await freePort();
    await apply(
      manifest(
        resource(FEDERATION_API, 'EventGroup', GROUP, {
          nodeName: 'onprem',
          listen: { address: '127.0.0.1', port },
          auth: { mode: 'hmac', secretFile: join(site.secretDir, SECRET) },
        }),
        resource(FEDERATION_API, 'EventPeer', 'cloud', {
          groupRef: GROUP,
          nodeName: 'cloud-router',
          endpoint: `http://127.0.0.1:${await freePort()}`,
        }),
      ),
    );
  }, 90_000);

  afterAll(() => site?.stop(), 60_000);

  /** On a busy machine what follows may come later than the answer. */
  async function apply(resources: string): Promise<void> {
    const { status, body } = await site.rest('POST', '/v1/apply', resources);
    if (status !== 200 && status !== 202)
      throw new Error(`apply answered ${status}: ${JSON.stringify(body)}`);
  }

  const alarms = (): Promise<Alarm[]> => site.json<Alarm[]>('show', 'alarms');

  async function emit(type: string): Promise<string> {
    const fact = { type, subject: '10.0.0.1/32', payload: { serial: '1' } };
    const { status, body } = await site.rest<EmitAnswer>('POST', `/v1/groups/${GROUP}/events`, fact);
    expect(status).toBe(202);
    return body.id;
  }

  it('X17 a missing secret: alarms, status, readiness, metric and deliveries say so, until it is there', async () => {
    const id = await emit('client.seen');
    const shown = await until('the alarms of the group', async () => {
      const found = (await alarms()).filter(({ kind }) => kind === 'secret-missing');
      return found.length === 2 ? found : undefined;
    });
    expect(shown.map(({ name, reason }) => [name, reason])).toEqual([
      [GROUP, 'secret-missing'],
      [GROUP, 'secret-missing'],
    ]);
    for (const { text } of shown) expect(text).toContain(`${join(site.secretDir, SECRET)} does not exist`);
    expect((await alarms()).filter(({ kind }) => kind === 'service-silent')).toEqual([]);

    const status = await site.json<StatusAnswer>('status');
    expect(status).toMatchObject({
      ready: true,
      alarms: { count: 2, first: [{ kind: 'secret-missing' }, {}] },
    });
    const ready = await fetch(`${site.url}/readyz?verbose`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true, alarms: 2 }]);
    const metrics = await (await fetch(`${site.url}/metrics`)).text();
    for (const service of ['federation', 'ingest'])
      expect(metrics).toContain(`signalbox_alarms{service="${service}",reason="secret-missing"} 1`);

    const [delivery] = await site.json<DeliveryItem[]>('event', 'deliveries', '--event-id', id);
    expect(delivery).toMatchObject({ status: 'pending', attempts: 0, node: 'cloud-router', peer: 'cloud' });
    expect(delivery?.lastError).toMatch(/^secret-missing: /);

    await writeSecret(site, SECRET, 'a-secret-of-both');
    await until('the alarms to end', async () =>
      (await alarms()).every(({ kind }) => kind !== 'secret-missing'),
    );
    await rm(join(site.secretDir, SECRET));
    await until('the alarms to come back', async () =>
      (await alarms()).some(({ kind }) => kind === 'secret-missing'),
    );
  });

  it('X18 explain of a group without subscriptions says that there are none', async () => {
    const id = await emit('client.seen');
    const { stdout } = await site.cli('event', 'explain', id, '--group', GROUP);
    expect(stdout).toContain('no subscriptions');
    expect(stdout).not.toContain('revision 0');
  });

  it('X16 a plugin that is not declared: explain, run list and an alarm say what is waited for', async () => {
    const spec = {
      groupRef: GROUP,
      match: { types: ['host.seen'] },
      trigger: { pluginRef: 'seen-host' },
    };
    await apply(manifest(resource(FEDERATION_API, 'EventSubscription', 'hosts', spec)));
    const id = await emit('host.seen');
    const alarm = await until('the alarm', async () =>
      (await alarms()).find(({ kind, text }) => kind === 'plugin-missing' && text.endsWith('1 fact waits')),
    );
    expect(alarm).toMatchObject({ name: 'hosts', reason: 'plugin-missing' });
    expect(alarm.text).toContain('waits for Plugin/seen-host, which is not declared');
    const explained = await site.json<ExplainAnswer>('event', 'explain', id, '--group', GROUP);
    expect(explained.decisions).toEqual([
      { subscription: 'hosts', matched: true, waitsFor: 'Plugin/seen-host', reason: 'plugin-missing' },
    ]);
    expect(explained.verdict).toContain('waits: Plugin/seen-host is not declared: apply it');
    const { stderr } = await until('the count of the list', async () => {
      const listed = await site.cli('run', 'list');
      return listed.stderr.includes('1 fact waits') ? listed : undefined;
    });
    expect(stderr).toContain(
      'EventSubscription/hosts starts nothing, 1 fact waits: Plugin/seen-host is not declared',
    );

    await apply(manifest(plugin('seen-host', await site.addPlugin('seen-host', seenHost()))));
    expect(await endedRun(site, 'hosts', id)).toMatchObject({ state: 'succeeded' });
    await until('the alarm to end', async () =>
      (await alarms()).every(({ kind }) => kind !== 'plugin-missing'),
    );
    expect((await site.cli('run', 'list')).stderr).toBe('');
  });

  it('X15 a plugin with a carriage return in its first line is an alarm with the cause', async () => {
    const executable = await site.addPlugin('dos', '#!/bin/sh\r\necho {}\r\n');
    await apply(manifest(resource(PLUGIN_API, 'Plugin', 'dos', { executable })));
    const alarm = await until('the alarm', async () =>
      (await alarms()).find(({ kind }) => kind === 'plugin-unusable'),
    );
    expect(alarm).toMatchObject({ name: 'dos', reason: 'plugin-start-failed' });
    expect(alarm.text).toContain('the interpreter `/bin/sh\\r` does not exist');
    expect(alarm.text).toContain('save the file with Unix line ends');
  });
});
