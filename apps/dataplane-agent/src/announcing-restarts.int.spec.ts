import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunningServices } from '@signalbox/runtime';
import { until } from '@signalbox/testing';
import type { AgentSite } from './agent.fixture.js';
import type { NodeWriter } from './node-writer.fixture.js';
import { at, vip, VipSite } from './vip-site.fixture.js';

jest.setTimeout(120_000);

const [A, B] = ['192.0.2.10', '192.0.2.11'];
const LONG = { drainMs: 600_000 };

let vips: VipSite;
let site: AgentSite;
let writer: NodeWriter;

beforeEach(async () => {
  vips = await VipSite.start();
  ({ site, writer } = vips);
});
afterEach(() => site.stop());

/** An agent that announces A of `web` and B of `mail`. */
async function announcesBoth(drain: { readonly drainMs: number }): Promise<RunningServices> {
  const agent = await site.agent();
  vips.announce(vip(A), vip(B, ['mail'], drain));
  await writer.write(at(B, 'mail'), at(A));
  await vips.untilTold(B, 'announced');
  await until('the file to say so', async () =>
    (await vips.keptNow()).includes(`"version":${site.records.at(-1)?.version}`),
  );
  return agent;
}

/** Another agent, as soon as it has applied what it finds. */
async function again(): Promise<RunningServices> {
  const calls = site.plane.applied.length;
  const agent = await site.agent();
  await until('its first apply', () => site.plane.applied.length > calls);
  return agent;
}

describe('an agent that starts again', () => {
  it('leaves VIPs at an orderly stop, and changes and tells nothing when it is back', async () => {
    const first = await announcesBoth(LONG);
    const { length } = site.records;
    await site.end(first);
    expect(site.network.seen).toEqual([A, B]);
    const calls = site.network.applies;
    site.journal.length = 0;
    await again();
    await until('its announcer to be asked', () => site.network.applies > calls);
    await writer.write(at(B, 'mail'), at(A, 'web', 50));
    await until('the next record', () => site.records.length > length);
    expect(site.journal).toEqual([]);
    expect(site.records).toHaveLength(length + 1);
    expect(site.records.at(-1)).not.toHaveProperty('vips');
  });

  it('takes its VIPs away first when the data plane ends with it', async () => {
    site.plane.endsWithAgent = true;
    const first = await announcesBoth({ drainMs: 10 });
    site.journal.length = 0;
    await site.end(first);
    expect(site.journal).toEqual([`withdraw ${A}`, `withdraw ${B}`, `end mail ${B}`, `end web ${A}`]);
    await again();
    await until('both VIPs', () => site.network.seen.length === 2);
  });

  it('announces without NATS what the file says, behind the data plane, and stays so without it', async () => {
    const first = await announcesBoth(LONG);
    await site.nats.kill();
    await site.end(first);
    vips.rebooted();
    site.journal.length = 0;
    const abort = new AbortController();
    const starting = site.agent({}, undefined, abort.signal);
    starting.catch(() => undefined);
    await until('both VIPs', () => site.network.seen.length === 2);
    expect(site.journal).toEqual([
      ...[`add ${A}`, `add ${B}`, `serve mail ${B}`, `serve web ${A}`],
      ...[`announce ${A}`, `announce ${B}`],
    ]);

    await site.nats.start();
    await starting;
    await until('the writer to be connected again', () => site.bus.isUp);
    vips.announce(vip(A));
    await writer.write(at(A));
    await until('the VIP to be withdrawn', () => site.network.seen.join() === A);
  });

  it('announces nothing after the machine started anew while the data plane does not work', async () => {
    const first = await announcesBoth(LONG);
    await site.end(first);
    vips.rebooted();
    site.plane.isAway = true;
    site.journal.length = 0;
    await site.agent();
    await until(
      'its announcer to be asked',
      () => site.network.applies > 0 && site.records.at(-1)?.state === 'unavailable',
    );
    expect(site.network.seen).toEqual([]);
    site.plane.isAway = false;
    await until('both VIPs', () => site.network.seen.length === 2);
    expect(vips.journalOf(`serve web ${A}`, `announce ${A}`)).toEqual([`serve web ${A}`, `announce ${A}`]);
  });

  it('keeps what stands when it starts over a data plane that does not work', async () => {
    const first = await announcesBoth(LONG);
    await site.end(first);
    site.plane.isAway = true;
    site.journal.length = 0;
    await site.agent();
    await until('a record of it', () => site.records.at(-1)?.state === 'unavailable');
    await writer.write(at(B, 'mail', 0), at(A));
    await until('the one without targets to be withdrawn', () => site.network.seen.join() === A);
    expect(site.journal).toEqual([`withdraw ${B}`]);
  });
});

describe('an agent that is killed while a VIP leaves', () => {
  it('goes on to withdraw it, when it could not before', async () => {
    const first = await announcesBoth({ drainMs: 300 });
    site.network.isAway = true;
    vips.announce(vip(A));
    const generation = await writer.write(at(A));
    await site.applied(generation);
    await until('the file to say so', async () => (await vips.keptNow()).includes('"leaving":[{'));
    await vips.killed(first, await vips.keptNow());
    site.journal.length = 0;
    await again();
    expect(site.plane.standing.has('mail')).toBe(true);
    site.network.isAway = false;
    await until('its address to be taken away', () => site.journal.includes(`remove ${B}`));
    expect(site.journal).toEqual([`withdraw ${B}`, `end mail ${B}`, `remove ${B}`]);
  });

  it('goes on to serve it until it is drained', async () => {
    const first = await announcesBoth(LONG);
    vips.announce(vip(A));
    await writer.write(at(A));
    await vips.untilTold(B, 'withdrawn');
    await until('the file to say so', async () => (await vips.keptNow()).includes('"withdrawnMs"'));
    await vips.killed(first, await vips.keptNow());
    await again();
    expect(site.plane.standing.has('mail')).toBe(true);
    expect(site.network.seen).toEqual([A]);

    // a shorter drain, as the operator may set it
    vips.announce(vip(A), vip(B, ['mail'], { drainMs: 1, barred: 'it is elsewhere' }));
    await writer.write(at(A));
    await until('it to be drained', () => !site.plane.standing.has('mail'));
    expect(site.addresses.links.get('lo')?.has(B)).toBe(true);
  });

  it('serves it again first when its file is of before, and then lets it leave in order', async () => {
    const first = await announcesBoth({ drainMs: 300 });
    const kept = await vips.keptNow();
    vips.announce(vip(A));
    await writer.write(at(A));
    await until('it to be gone', () => site.journal.includes(`remove ${B}`));
    await vips.killed(first, kept);
    site.journal.length = 0;
    await site.agent();
    await until('it to be gone again', () => site.journal.includes(`remove ${B}`));
    await vips.untilTold(B, undefined);
    expect(site.network.seen).toEqual([A]);
    const steps = [`serve mail ${B}`, `announce ${B}`, `withdraw ${B}`, `end mail ${B}`, `remove ${B}`];
    // the newer state may come before the one of the file was announced
    expect(steps.filter((step) => site.journal.includes(step))).toEqual(vips.journalOf(...steps));
  });
});

describe('NATS that is away', () => {
  it('leaves all as it is: what others withdraw is announced again, also by an agent that starts', async () => {
    writer.syncIntervalMs = 100;
    const first = await announcesBoth(LONG);
    await site.nats.kill();
    for (const address of [A, B]) {
      site.network.standing.delete(address);
      await until('it to be announced again', () => site.network.seen.length === 2);
    }
    const looks = site.network.applies;
    await until('many looks', () => site.network.applies > looks + 10);
    expect(site.network.seen).toEqual([A, B]);
    expect(vips.journalOf(`withdraw ${A}`, `withdraw ${B}`)).toEqual([]);
    await site.nats.start();
    await site.end(first);
  });
});
