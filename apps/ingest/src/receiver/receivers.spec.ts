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
        message: `the secret file ${site.secretFile} does not exist: put the secret into it, readable for ingest`,
        since: new Date(NOW_S * 1000).toISOString(),
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

  it('X1 takes what the bytes of the key file signed, and not what another file signed that reads the same', async () => {
    const body =
      '{"id":"evt-x1","group":"cloudedge","sourceNode":"onprem","type":"client.observed","observedAt":"2026-05-30T11:59:00Z"}';
    const push = async (signature: string): Promise<number> => {
      const headers = { 'X-Routerd-Timestamp': '1780142400', 'X-Routerd-Signature': signature };
      return (await site.send({ headers, body })).status;
    };
    const signedBy = {
      '6bff6b': '37967e7787530aa8ffaf67180a1b48cd253bc8514d18cae34a2baf71ac915cc3',
      '6bfe6b': '06c2e2957fb914bb00130adda67317c4eb1b09be6c43a3d60ec60451d7f60c1f',
      '6befbfbd6b': '17ebf7eed24087fa9cb4c0ee8f827eb0ee867c90bcba4852cb3825358983f00e',
    };
    site.replaceSecret(Buffer.from('0a6bff6b200d0a', 'hex'));
    await site.apply();
    expect(await push(signedBy['6bfe6b'])).toBe(401);
    expect(await push(signedBy['6befbfbd6b'])).toBe(401);
    expect(await push(signedBy['6bff6b'])).toBe(200);

    site.replaceSecret(Buffer.from('6bfe6b', 'hex'));
    await site.until(async () => (await push(signedBy['6bfe6b'])) === 200);
    expect(await push(signedBy['6bff6b'])).toBe(401);
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
