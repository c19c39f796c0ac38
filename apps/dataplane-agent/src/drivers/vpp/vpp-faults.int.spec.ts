import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { parsed } from './api/fake/ip46.fixture.js';
import { aListener } from './given-lb.fixture.js';
import { type VppDriver } from './vpp-driver.js';
import { PATIENT, VppSite } from './vpp-site.fixture.js';

const WEB = aListener({ '10.0.0.1': 100, '10.0.0.2': 50 });
const VIP = '192.0.2.10/32 tcp 80';
const KEY = { prefix: parsed('192.0.2.10'), length: 128, protocol: 6, port: 80 };
const SHORT = { deadlineMs: 100 } as const;
const UNAVAILABLE = { code: 'data-plane-unavailable' } as const;

let site: VppSite;
let driver: VppDriver;
/** How often the driver said that it is time for a look. */
let looks: number;

beforeEach(async () => {
  site = await VppSite.start();
  driver = begin();
});

afterEach(() => site.stop());

function begin(): VppDriver {
  const made = site.driver({ times: { retryMs: 20, pingMs: 20, answerMs: 200 } });
  looks = 0;
  made.onOutsideChange(() => (looks += 1));
  return made;
}

/** Applies until VPP takes it, as the agent does. */
async function untilDesired(): Promise<void> {
  await until('VPP to be as desired', async () => {
    const result = await site.apply(driver, [WEB]).catch(() => undefined);
    return result?.listeners.every(({ state }) => state === 'applied') && result.writes === 0;
  });
}

async function stands(): Promise<void> {
  expect(await driver.observe(PATIENT)).toMatchObject([
    { name: 'web', targets: [{ weight: 100 }, { weight: 50 }] },
  ]);
}

describe('a VPP that fails', () => {
  it('R14: restarts: its settings are set, all of it is made again, and its counters are gone meanwhile', async () => {
    await site.apply(driver, [WEB]);
    site.fake.plugin.packet(KEY, { address: parsed('203.0.113.1'), port: 1 });
    await driver.counters(PATIENT);
    expect(driver.vpp.lastCounted).toMatchObject([{ listener: 'web', first: 1 }]);
    const { pid } = driver.vpp.info();
    await site.fake.stop();
    await until('VPP to be missed', () => Promise.resolve(looks > 0));
    expect(driver.vpp.info()).toMatchObject({ connected: false, why: expect.stringContaining('VPP') });
    expect(driver.vpp.lastCounted).toEqual([]);
    await expect(driver.apply(site.state([WEB]), SHORT)).rejects.toMatchObject(UNAVAILABLE);
    expect(await driver.servesNobody()).toBe(true);
    await site.fake.restart();
    await until('VPP to be found again', () => Promise.resolve(driver.vpp.info().connected));
    await until('a look to be asked for', () => Promise.resolve(looks > 1));
    expect(await driver.servesNobody()).toBe(false);
    expect(await driver.isOutsideChanged()).toBe(true);
    await site.apply(driver, [WEB]);
    expect(site.fake.writes).toEqual([
      'conf 192.0.2.254 2001:db8::fe buckets 1024 timeout 40',
      `vip ${VIP} gre4 new_len 1024`,
      `as ${VIP} 10.0.0.1 weight 100`,
      `as ${VIP} 10.0.0.2 weight 50`,
    ]);
    expect(driver.vpp.info().pid).not.toBe(pid);
    expect(await driver.isOutsideChanged()).toBe(false);
    await driver.counters(PATIENT);
    expect(driver.vpp.lastCounted).toMatchObject([{ first: 0 }]);
  });

  it('loses a connection and nothing else: nothing is written', async () => {
    await site.apply(driver, [WEB]);
    site.fake.hangUp();
    await until('VPP to be found again', () => Promise.resolve(looks > 1 && driver.vpp.info().connected));
    expect((await site.apply(driver, [WEB])).writes).toBe(0);
  });

  it('is not there: it is tried again and again, and then made as desired', async () => {
    await site.fake.stop();
    await expect(driver.apply(site.state([WEB]), SHORT)).rejects.toMatchObject(UNAVAILABLE);
    await site.fake.restart();
    await until('VPP to be found', () => Promise.resolve(looks > 0));
    await site.apply(driver, [WEB]);
    await stands();
  });

  it('is deaf to pings: another connection is tried', async () => {
    await site.apply(driver, [WEB]);
    site.fake.moods.loseAnswer('control_ping', 1);
    await until('it to be missed', () => Promise.resolve(looks > 0));
    await until('it to be found again', () => Promise.resolve(driver.vpp.info().connected));
    expect((await site.apply(driver, [WEB])).writes).toBe(0);
  });

  it.each(['lb_add_del_vip_v2', 'lb_add_del_as_v2', 'lb_conf', 'cli_inband'])(
    'does not answer %s in time: the apply is given up, and the next one goes on where it ended',
    async (message) => {
      await site.apply(driver, []);
      site.fake.moods.loseAnswer(message, 1);
      if (message === 'lb_conf') site.fake.plugin.setConf({ ...site.fake.plugin.conf, timeout: 7 });
      await expect(driver.apply(site.state([WEB]), SHORT)).rejects.toMatchObject(UNAVAILABLE);
      await untilDesired();
      await stands();
    },
  );

  it.each(['lb_vip_dump', 'lb_as_v2_dump'])(
    'loses the answers to %s, which looks as if there were none: nothing goes, and the next look tells',
    async (message) => {
      await site.apply(driver, [WEB]);
      site.fake.moods.loseAnswer(message, 1);
      expect((await site.apply(driver, [WEB])).listeners).toMatchObject([{ state: 'applied' }]);
      expect(site.fake.writes.filter((write) => / del| flush/.test(write))).toEqual([]);
      expect((await site.apply(driver, [WEB])).writes).toBe(0);
      await stands();
    },
  );

  it.each(['lb_add_del_vip_v2', 'lb_add_del_as_v2'])(
    'dies at %s: all of it is made in the next run',
    async (message) => {
      site.fake.moods.die(message);
      await expect(driver.apply(site.state([WEB]), PATIENT)).rejects.toMatchObject(UNAVAILABLE);
      site.fake.moods.behave();
      await site.fake.restart();
      await untilDesired();
      await stands();
    },
  );

  it('lies, says yes and does nothing: it is read back, told of the listener, and done when it does not lie', async () => {
    site.fake.moods.lie('lb_add_del_as_v2');
    const mail = aListener({}, { name: 'mail', port: 25 });
    const { listeners } = await site.apply(driver, [WEB, mail]);
    expect(listeners).toMatchObject([
      { name: 'mail', state: 'applied' },
      {
        ...{ name: 'web', state: 'refused' },
        error: { ...UNAVAILABLE, message: expect.stringContaining('it said that it did, and it did not') },
      },
    ]);
    site.fake.moods.behave();
    await site.apply(driver, [WEB]);
    await stands();
  });

  it('lies about weights: found as drift by who looks next', async () => {
    await site.apply(driver, [WEB]);
    site.fake.plugin.setWeight(KEY, parsed('10.0.0.1'), 0, false);
    expect(await driver.observe(PATIENT)).toMatchObject([{ targets: [{ weight: 0 }, { weight: 50 }] }]);
    site.fake.moods.lie('lb_as_set_weight', 1);
    expect((await site.apply(driver, [WEB])).listeners).toMatchObject([{ state: 'applied' }]);
    expect(site.fake.writes).toEqual([`weight ${VIP} 10.0.0.1 100`, `weight ${VIP} 10.0.0.1 100`]);
    await stands();
  });

  it('refuses one VIP: its listener is refused with what VPP said, all others are applied', async () => {
    site.fake.moods.refuse('lb_add_del_vip_v2', -73, 1);
    const first = aListener({ '10.0.0.9': 1 }, { name: 'first', address: '192.0.2.1' });
    site.fake.moods.refuse('lb_add_del_vip_v2', -73, 2);
    const { listeners } = await site.apply(driver, [first]);
    expect(listeners).toMatchObject([
      { state: 'refused', error: { message: expect.stringContaining('INVALID_ARGUMENT') } },
    ]);
    expect((await site.apply(driver, [first, WEB])).listeners.map(({ state }) => state)).toEqual([
      'applied',
      'applied',
    ]);
  });

  it('does not take its settings: nothing is said to be applied', async () => {
    site.fake.moods.refuse('lb_conf', -70);
    await expect(driver.apply(site.state([WEB]), PATIENT)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('INVALID_MEMORY_SIZE'),
    });
  });

  it('has another API: it is refused with the message that differs, and nothing is changed', async () => {
    await site.fake.restart({ messages: { lb_as_set_weight: 'deadbeef' } });
    await expect(driver.apply(site.state([WEB]), PATIENT)).rejects.toMatchObject({
      code: 'data-plane-refused',
      message: expect.stringContaining('lb_as_set_weight'),
    });
    expect(site.fake.writes).toEqual([]);
  });

  it('is closed in the middle: whoever waits is told, and no timer is left', async () => {
    await site.apply(driver, [WEB]);
    const release = site.fake.moods.hold('lb_conf_get');
    const applying = expect(driver.apply(site.state([WEB]), PATIENT)).rejects.toMatchObject(UNAVAILABLE);
    await until('it to be asked', () => Promise.resolve(site.fake.requests.at(-1) === 'lb_conf_get'));
    await driver.close();
    release();
    await applying;
    await site.left();
  });
});
