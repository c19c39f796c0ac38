import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '@signalbox/embedded';
import { event, GROUP, NOW_S, ReceiverFixture, SECRET } from './receiver.fixture.js';

let site: ReceiverFixture;

beforeEach(async () => {
  site = await ReceiverFixture.create();
});
afterEach(() => site.destroy());

describe('Receivers', () => {
  it('T21 has no listener without a secret, and opens when the secret appears', async () => {
    rmSync(site.secretFile);
    await site.apply();
    expect(site.receivers.conditions()).toEqual([
      {
        group: GROUP,
        address: '127.0.0.1',
        port: site.port,
        state: 'Pending',
        reason: 'secret-missing',
        message: `put the secret into ${site.secretFile}`,
      },
    ]);
    await expect(site.status()).rejects.toThrow('ECONNREFUSED');
    site.replaceSecret(SECRET);
    await site.until(() => site.receivers.conditions()[0]?.state === 'Listening');
    expect(await site.push(event())).toMatchObject({ status: 200 });
  });

  it('T29 takes a changed secret on the open port, and closes when it becomes empty', async () => {
    await site.apply();
    site.replaceSecret('another');
    await site.until(async () => (await site.push(event(), { secret: 'another' })).status === 200);
    expect(await site.push(event())).toMatchObject({ status: 401 });
    writeFileSync(site.secretFile, ' \n');
    await site.until(() => site.receivers.conditions()[0]?.reason === 'secret-missing');
  });

  it('takes other members, names and windows while the port stays open', async () => {
    await site.apply({ members: ['cloud'], replayWindow: '10s' });
    expect(await site.push(event())).toMatchObject({ status: 400 });
    await site.apply({ nodeName: 'hub-2', members: ['onprem'], replayWindow: '1m' });
    expect((await site.send({ path: '/v1/status' })).reused).toBe(true);
    expect(await site.push(event(), { timestamp: String(NOW_S - 60) })).toMatchObject({ status: 200 });
    expect(await site.status()).toMatchObject({ node: 'hub-2', rejected: 1, replayWindowSeconds: 60 });
  });

  it('falls back to 5m for a window that is none', async () => {
    await site.apply({ replayWindow: '0s' });
    expect(await site.status()).toMatchObject({ replayWindowSeconds: 300 });
    await site.apply({ replayWindow: '-1m' });
    expect(await site.status()).toMatchObject({ replayWindowSeconds: 300 });
  });

  it('tries a busy port again until it is free', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(site.port, '127.0.0.1', resolve));
    await site.apply();
    expect(site.receivers.conditions()[0]).toMatchObject({ state: 'Pending', reason: 'port-busy' });
    await new Promise((resolve) => holder.close(resolve));
    await site.until(() => site.receivers.conditions()[0]?.state === 'Listening');
  });

  it('moves with the declared port, passes a port on, and closes for a group that is gone', async () => {
    await site.apply();
    const from = site.port;
    site.port = await freePort();
    await site.apply();
    expect(await site.push(event())).toMatchObject({ status: 200 });
    await site.receivers.apply(
      new Map([
        ['other', site.spec()],
        [GROUP, site.spec({ listen: { address: '127.0.0.1', port: from } })],
      ]),
    );
    expect(await site.status()).toMatchObject({ group: 'other' });
    expect(site.receivers.conditions().map(({ group, state }) => `${group} ${state}`)).toEqual([
      'cloudedge Listening',
      'other Listening',
    ]);
    await site.receivers.apply(new Map([['quiet', { nodeName: 'hub' }]]));
    expect(site.receivers.conditions()).toEqual([]);
    await expect(site.status()).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
  });
});
