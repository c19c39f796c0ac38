import { until } from '@signalbox/testing';
import { shippedDescription } from '../shipped-description.js';
import { connectVpp, type VppClient } from '../vpp-client.js';
import { FakeStage } from './fake-stage.fixture.js';

const LONG = { deadlineMs: 30_000 };
const VIP = { pfx: '192.0.2.1/32', protocol: 6, port: 443 } as const;
const ADD = { ...VIP, encap: 0, new_flows_table_length: 1024 } as const;

describe('the fake VPP', () => {
  const stage = new FakeStage();
  afterEach(() => stage.clear());

  it('has nothing after a restart, but other numbers of messages, another process and a later start', async () => {
    const fake = await stage.start();
    const before = await connect();
    await before.call('lb_add_del_vip_v2', ADD, LONG);
    const [pid, id] = [fake.pid, fake.idOf('control_ping')];
    await fake.restart();
    const after = await connect();
    expect(await after.dump('lb_vip_dump', {}, LONG)).toEqual([]);
    expect(after.pid).not.toBe(pid);
    expect(fake.idOf('control_ping')).not.toBe(id);
    expect(after.bootedAtMs).toBeGreaterThanOrEqual(before.bootedAtMs ?? Infinity);
    after.close();
  });

  it('may be another version after a restart', async () => {
    const fake = await stage.start();
    await fake.restart({ messages: { lb_conf: '00000000' } });
    await expect(connect()).rejects.toThrow(/lb_conf is another one there: its CRC is 00000000/);
  });

  it('says yes and does nothing when it lies', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.moods.lie('lb_add_del_vip_v2');
    await client.call('lb_add_del_vip_v2', ADD, LONG);
    expect(await client.dump('lb_vip_dump', {}, LONG)).toEqual([]);
    fake.moods.behave();
    await client.call('lb_add_del_vip_v2', ADD, LONG);
    expect(await client.dump('lb_vip_dump', {}, LONG)).toHaveLength(1);
    expect(fake.writes).toHaveLength(2);
    client.close();
  });

  it('did what it was asked for when only its answer is lost, and nothing when the request is', async () => {
    const fake = await stage.start();
    const client = await connect();
    fake.moods.loseRequest('lb_add_del_vip_v2');
    await expect(client.call('lb_add_del_vip_v2', ADD, { deadlineMs: 50 })).rejects.toThrow(/waited/);
    expect(fake.plugin.vips).toHaveLength(0);
    fake.moods.loseAnswer('lb_add_del_vip_v2');
    await expect(client.call('lb_add_del_vip_v2', ADD, { deadlineMs: 50 })).rejects.toThrow(/waited/);
    await until('the VIP', () => fake.plugin.vips.length === 1);
    client.close();
  });

  it('does the requests of a client one after the other', async () => {
    const fake = await stage.start();
    const client = await connect();
    const release = fake.moods.hold('lb_add_del_vip_v2');
    const first = client.call('lb_add_del_vip_v2', ADD, LONG);
    const second = client.call('lb_add_del_as_v2', { ...VIP, as_address: '10.0.0.10' }, LONG);
    release();
    await Promise.all([first, second]);
    expect(fake.writes).toEqual([
      'vip 192.0.2.1/32 tcp 443 gre4 new_len 1024',
      'as 192.0.2.1/32 tcp 443 10.0.0.10 weight 100',
    ]);
    client.close();
  });

  async function connect(): Promise<VppClient> {
    return connectVpp(await stage.path(), {
      clientName: 'signalbox',
      description: shippedDescription(),
      deadline: LONG,
    });
  }
});
