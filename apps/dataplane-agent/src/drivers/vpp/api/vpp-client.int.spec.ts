import { createServer } from 'node:net';
import { until } from '@signalbox/testing';
import { FakeStage } from './fake/fake-stage.fixture.js';
import type { Fields } from './field-value.js';
import { shippedDescription } from './shipped-description.js';
import { connectVpp, type VppClient } from './vpp-client.js';

const DESCRIPTION = shippedDescription();
const LONG = { deadlineMs: 30_000 };
/** For what never comes. */
const SHORT = { deadlineMs: 50 };

const VIP = { pfx: '192.0.2.1/32', protocol: 6, port: 443 } as const;
const ADD_VIP: Fields = { ...VIP, encap: 0, new_flows_table_length: 1024, src_ip_sticky: true };

describe('a client of VPP', () => {
  const stage = new FakeStage();
  const clients: VppClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await stage.clear();
  });

  it('knows which VPP it is', async () => {
    const fake = await stage.start({ version: '26.10-rc0', buildDate: '2026-09-30' });
    const client = await connect();
    expect(client).toMatchObject({
      version: '26.10-rc0',
      buildDate: '2026-09-30',
      buildDirectory: '/build',
      pid: fake.pid,
    });
    expect(client.bootedAtMs).toBeLessThanOrEqual(client.connectedAtMs + 1000);
    expect(fake.mistakes).toEqual([]);
  });

  it('changes tables and reads them back, IPv4 and IPv6', async () => {
    const fake = await stage.start();
    const client = await connect();
    await client.call(
      'lb_conf',
      {
        ip4_src_address: '198.51.100.7',
        ip6_src_address: '2001:db8::7',
        sticky_buckets_per_core: 2048,
        flow_timeout: 60,
      },
      LONG,
    );
    await client.call('lb_add_del_vip_v2', ADD_VIP, LONG);
    await client.call(
      'lb_add_del_vip_v2',
      { pfx: '2001:db8::1/128', protocol: 255, port: 0, encap: 1, new_flows_table_length: 512 },
      LONG,
    );
    await client.call('lb_add_del_as_v2', { ...VIP, as_address: '10.0.0.10', weight: 100 }, LONG);
    await client.call('lb_add_del_as_v2', { ...VIP, as_address: '10.0.0.11', weight: 100 }, LONG);
    await client.call(
      'lb_as_set_weight',
      { ...VIP, as_address: '10.0.0.11', weight: 0, is_flush: true },
      LONG,
    );

    expect((await client.call('lb_conf_get', {}, LONG)).fields).toMatchObject({
      ip4_src_address: '198.51.100.7',
      ip6_src_address: '2001:db8::7',
      sticky_buckets_per_core: 2048,
      flow_timeout: 60,
    });
    expect((await client.dump('lb_vip_dump', {}, LONG)).map(({ fields }) => fields)).toMatchObject([
      { vip: VIP, encap: 0, flow_table_length: 1024 },
      { vip: { pfx: '2001:db8::1/128', protocol: 255, port: 0 }, encap: 1, flow_table_length: 512 },
    ]);
    expect((await client.dump('lb_as_v2_dump', {}, LONG)).map(({ fields }) => fields)).toMatchObject([
      { vip: VIP, app_srv: '10.0.0.10', flags: 1, weight: 100, num_buckets: 1024 },
      { vip: VIP, app_srv: '10.0.0.11', flags: 1, weight: 0, num_buckets: 0 },
    ]);
    expect(await client.cli('show lb vips verbose', LONG)).toContain(
      ' ip4-gre4 [1] 192.0.2.1/32 src_ip_sticky\n',
    );
    expect(fake.writes).toEqual([
      'conf 198.51.100.7 2001:db8::7 buckets 2048 timeout 60',
      'vip 192.0.2.1/32 tcp 443 gre4 new_len 1024 src_ip_sticky',
      'vip 2001:db8::1/128 any 0 gre6 new_len 512',
      'as 192.0.2.1/32 tcp 443 10.0.0.10 weight 100',
      'as 192.0.2.1/32 tcp 443 10.0.0.11 weight 100',
      'weight 192.0.2.1/32 tcp 443 10.0.0.11 0 flush',
    ]);
    expect(fake.mistakes).toEqual([]);
  });

  it('sends the default of the API for the length of a table that nobody gave, and never the zero that VPP dies of', async () => {
    const fake = await stage.start();
    const client = await connect();
    await client.call('lb_add_del_vip_v2', { ...VIP, encap: 0 }, LONG);
    expect(fake.writes).toEqual(['vip 192.0.2.1/32 tcp 443 gre4 new_len 1024']);
    await expect(
      client.call('lb_add_del_vip_v2', { ...VIP, port: 80, encap: 0, new_flows_table_length: 0 }, LONG),
    ).rejects.toMatchObject({
      code: 'data-plane-unavailable',
    });
    expect(fake.clientCount).toBe(0);
  });

  it('loses IPv4 servers in a dump with a prefix, as VPP does', async () => {
    await stage.start();
    const client = await connect();
    await client.call('lb_add_del_vip_v2', ADD_VIP, LONG);
    await client.call('lb_add_del_as_v2', { ...VIP, as_address: '10.0.0.10' }, LONG);
    expect(await client.dump('lb_as_v2_dump', VIP, LONG)).toEqual([]);
    expect(await client.dump('lb_as_v2_dump', {}, LONG)).toHaveLength(1);
  });

  it('hears the no of VPP by its name', async () => {
    await stage.start();
    const client = await connect();
    await client.call('lb_add_del_vip_v2', ADD_VIP, LONG);
    await expect(client.call('lb_add_del_vip_v2', ADD_VIP, LONG)).rejects.toMatchObject({
      name: 'VALUE_EXIST',
      retval: -81,
    });
    await expect(
      client.call('lb_as_set_weight', { ...VIP, as_address: '10.0.0.9' }, LONG),
    ).rejects.toMatchObject({
      name: 'NO_SUCH_ENTRY',
      message: 'VPP refused lb_as_set_weight: NO_SUCH_ENTRY (-6): there is no such entry',
    });
  });

  it('tells an answer from another by its context, and sends in the order of the calls', async () => {
    const fake = await stage.start();
    const client = await connect();
    await client.call('lb_add_del_vip_v2', ADD_VIP, LONG);
    const hosts = Array.from({ length: 200 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
    const answers = await Promise.allSettled(
      [...hosts, ...hosts].map(async (as_address) =>
        client.call('lb_add_del_as_v2', { ...VIP, as_address }, LONG),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([
      ...Array(200).fill('fulfilled'),
      ...Array(200).fill('rejected'),
    ]);
    expect(fake.writes.slice(1, 201)).toEqual(
      hosts.map((host) => `as 192.0.2.1/32 tcp 443 ${host} weight 100`),
    );
  });

  it('gives up a request that is not answered, and takes the next', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.moods.loseAnswer('lb_conf_get');
    await expect(client.call('lb_conf_get', {}, SHORT)).rejects.toMatchObject({
      code: 'data-plane-unavailable',
      message: 'waited 50 ms for the answer of VPP to lb_conf_get',
    });
    await expect(client.call('lb_conf_get', {}, LONG)).resolves.toMatchObject({
      message: 'lb_conf_get_reply',
    });
  });

  it('takes an answer that comes too late for none', async () => {
    const fake = await stage.start();
    const client = await connect();
    const release = fake.moods.hold('lb_conf_get');
    await expect(client.call('lb_conf_get', {}, SHORT)).rejects.toThrow(/waited 50 ms/);
    release();
    await client.call('control_ping', {}, LONG);
    expect(client.calls).toContainEqual({
      direction: 'recv',
      msg: 'lb_conf_get_reply',
      result: 'failure',
      count: 1,
    });
  });

  it('gives up a dump whose end does not come', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.moods.loseAnswer('control_ping');
    await expect(client.dump('lb_vip_dump', {}, SHORT)).rejects.toThrow(
      /waited 50 ms for the answer of VPP to lb_vip_dump/,
    );
  });

  it('answers when VPP asks whether it is there', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.keepalive(7);
    await until('the answer', () => fake.requests.includes('memclnt_keepalive_reply'));
    expect(client.calls).toContainEqual({
      direction: 'recv',
      msg: 'memclnt_keepalive',
      result: 'success',
      count: 1,
    });
  });

  it('lets messages of other plugins pass', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.event();
    await client.call('control_ping', {}, LONG);
    expect(client.calls).toContainEqual({ direction: 'recv', msg: 'unknown', result: 'success', count: 1 });
  });

  it('counts every message', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.moods.refuse('lb_conf', -70, 1);
    await expect(client.call('lb_conf', {}, LONG)).rejects.toThrow(/INVALID_MEMORY_SIZE/);
    expect(client.calls).toEqual(
      expect.arrayContaining([
        { direction: 'send', msg: 'sockclnt_create', result: 'success', count: 1 },
        { direction: 'recv', msg: 'sockclnt_create_reply', result: 'success', count: 1 },
        { direction: 'send', msg: 'lb_conf', result: 'success', count: 1 },
        { direction: 'recv', msg: 'lb_conf_reply', result: 'failure', count: 1 },
      ]),
    );
    const sent = client.calls
      .filter(({ direction }) => direction === 'send')
      .reduce((sum, { count }) => sum + count, 0);
    expect(sent).toBe(fake.requests.length);
  });

  it.each<[what: string, end: (fake: Awaited<ReturnType<FakeStage['start']>>) => unknown]>([
    ['VPP stops', async (fake) => fake.stop()],
    ['VPP hangs up', (fake) => fake.hangUp()],
    ['VPP dies of a request', (fake) => fake.moods.die('lb_conf_get')],
  ])('is over when %s, with all that it waits for', async (_, end) => {
    const fake = await stage.start();
    const client = await connect();
    const closed: Error[] = [];
    client.onClose((why) => closed.push(why));
    const release = fake.moods.hold('control_ping');
    const waiting = Promise.allSettled([
      client.call('lb_conf_get', {}, LONG),
      client.dump('lb_vip_dump', {}, LONG),
    ]);
    await end(fake);
    const ended = await waiting;
    release();
    expect(ended.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'data-plane-unavailable' } });
    expect(closed).toHaveLength(1);
    await expect(client.call('control_ping', {}, LONG)).rejects.toMatchObject({
      code: 'data-plane-unavailable',
    });
  });

  it('tells of its end who asks later', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.hangUp();
    await expect(client.call('control_ping', {}, LONG)).rejects.toThrow();
    const closed: Error[] = [];
    client.onClose((why) => closed.push(why));
    expect(closed).toHaveLength(1);
  });

  it('says goodbye when it is closed, and calls nobody back', async () => {
    const fake = await stage.start();
    const client = await connect();
    const closed: Error[] = [];
    client.onClose((why) => closed.push(why));
    client.close();
    client.close();
    await until('the goodbye', () => fake.requests.includes('sockclnt_delete'));
    await until('the end', () => fake.clientCount === 0);
    expect(closed).toEqual([]);
  });

  it.each<[what: string, bytes: (id: number) => Buffer, said: RegExp]>([
    [
      'a message of a number that is in no table',
      () => framed('ffff00000000'),
      /sent a message of number 65535, which it does not have/,
    ],
    [
      'a message that ends early',
      (id) => framed(`${hex16(id)}0000000100`),
      /lb_conf_get_reply of VPP, of 7 bytes, ends in retval/,
    ],
    [
      'a length that no message has',
      () => Buffer.from('0000000000000000ffffffff00000000', 'hex'),
      /a message of 4294967295 bytes/,
    ],
    ['no VPP at all', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /a message of \d+ bytes/],
  ])('is over with %s', async (_, bytes, said) => {
    const fake = await stage.start();
    const client = await connect();
    const closed: Error[] = [];
    client.onClose((why) => closed.push(why));
    const release = fake.moods.hold('control_ping');
    const waiting = client.call('control_ping', {}, LONG);
    fake.garble(bytes(fake.idOf('lb_conf_get_reply')));
    await expect(waiting).rejects.toMatchObject({
      code: 'data-plane-refused',
      message: expect.stringMatching(said),
    });
    release();
    expect(closed).toHaveLength(1);
  });

  describe('does not connect', () => {
    it('where there is no socket', async () => {
      await expect(connect()).rejects.toMatchObject({
        code: 'data-plane-unavailable',
        message: expect.stringMatching(/there is no socket/),
      });
    });

    it('where nobody answers', async () => {
      const fake = await stage.start();
      fake.moods.loseAnswer('sockclnt_create');
      await expect(
        connectVpp(await stage.path(), {
          clientName: 'signalbox',
          description: DESCRIPTION,
          deadline: { deadlineMs: 1_000 },
        }),
      ).rejects.toThrow(/waited 1000 ms for the answer of VPP to sockclnt_create/);
      await until('no client', () => fake.clientCount === 0);
    });

    it('where somebody else listens', async () => {
      const path = await stage.path();
      const server = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      await new Promise<void>((resolve) => server.listen(path, resolve));
      await expect(connect()).rejects.toMatchObject({
        code: 'data-plane-refused',
        message: expect.stringMatching(/is it VPP that listens there/),
      });
      await new Promise((resolve) => server.close(resolve));
    });

    it('to a VPP that has a message otherwise, and says both CRCs, the message, the version and what to do', async () => {
      const fake = await stage.start({ version: '27.02', messages: { lb_as_set_weight: '0badcafe' } });
      await expect(connect()).rejects.toMatchObject({
        code: 'data-plane-refused',
        message: expect.stringMatching(
          /VPP 27.02 .*lb_as_set_weight is another one there: its CRC is 0badcafe, and 2d89bdbd is described; let SIGNALBOX_VPP_API_DIR/,
        ),
      });
      expect(fake.writes).toEqual([]);
      await until('no client', () => fake.clientCount === 0);
    });

    it('to a VPP without the messages of weights, and says which VPP has them', async () => {
      await stage.start({
        version: '25.02-release',
        messages: { lb_as_set_weight: undefined, lb_as_set_weight_reply: undefined },
      });
      await expect(connect()).rejects.toMatchObject({
        code: 'data-plane-refused',
        message: expect.stringMatching(
          /VPP 25.02-release .*lb_as_set_weight is missing: it needs the lb plugin of a VPP newer than 26.06/,
        ),
      });
    });
  });

  async function connect(): Promise<VppClient> {
    const client = await connectVpp(await stage.path(), {
      clientName: 'signalbox',
      description: DESCRIPTION,
      deadline: LONG,
    });
    clients.push(client);
    return client;
  }
});

function framed(hex: string): Buffer {
  const message = Buffer.from(hex, 'hex');
  const header = Buffer.alloc(16);
  header.writeUInt32BE(message.length, 8);
  return Buffer.concat([header, message]);
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
