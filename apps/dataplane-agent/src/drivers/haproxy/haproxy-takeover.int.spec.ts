import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import type { NodeState } from '@signalbox/contracts';
import { CHECKOUT, until } from '@signalbox/testing';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import { HaproxyDriver, type HaproxySettings } from './haproxy-driver.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';

const BUILT = join(CHECKOUT, 'dist', 'apps', 'dataplane-agent', 'src', 'drivers');

/** A process of its own that applies a state, says where it listens, and stays. */
const AGENT = `
const [built, settings, desired] = process.argv.slice(1).map((text) => JSON.parse(text));
const { HaproxyDriver } = await import(built + '/haproxy/haproxy-driver.js');
const { ProcessPortMemory } = await import(built + '/port-memory.js');
const driver = new HaproxyDriver(settings, new ProcessPortMemory());
const result = await driver.apply(desired, ${JSON.stringify(PATIENT)});
console.log(JSON.stringify(result.listeners[0].listensAt));
process.on('SIGTERM', () => driver.close().then(() => process.exit(0)));
setInterval(() => undefined, 1000);
`;

describeHaproxy('HAProxy and its agent', (given) => {
  it('kill -9 of the agent: HAProxy serves on, and the next agent takes it over without touching it', async () => {
    const { stage, stand } = given();
    const desired = state([stage.listener({ targets: stage.targets([50, 20, 30]) })]);
    const { agent, place } = await startAgent(stand.settings, desired);
    const client = await stage.traffic.connect(place);
    const name = await client.ask();
    const before = await stand.processes();
    process.kill(agent.pid ?? 0, 'SIGKILL');
    await once(agent, 'exit');
    expect(await client.ask()).toBe(name);
    expect(await stage.traffic.ask(place)).toBeDefined();

    const next = await stand.again();
    const result = await next.apply({ ...desired, generation: 2 }, PATIENT);
    expect(result).toMatchObject({ writes: 0, listeners: [{ state: 'applied', listensAt: place }] });
    expect(await stand.processes()).toEqual(before);
    expect(await client.ask()).toBe(name);

    await next.close();
    expect(await stage.traffic.isOpen(place)).toBe(false);
    await until('the connection to be cut', () => client.closed);
    await next.close();
  });

  it('an orderly end of the agent ends HAProxy that is its own', async () => {
    const { stage, stand } = given();
    const { agent, place } = await startAgent(stand.settings, state([stage.listener()]));
    process.kill(agent.pid ?? 0, 'SIGTERM');
    await once(agent, 'exit');
    expect(await stage.traffic.isOpen(place)).toBe(false);
    expect(await stage.driver.observe(PATIENT)).toEqual([]);
    expect(await stage.driver.counters(PATIENT)).toEqual([]);
  });

  it('kill -9 of HAProxy: it is told, nobody is served, and the next apply starts it, at the same ports', async () => {
    const { stage, stand } = given();
    let calls = 0;
    stage.driver.onOutsideChange?.(() => (calls += 1));
    const place = await stage.serve(stage.listener());
    expect(await stage.driver.servesNobody?.()).toBe(false);
    const { master, worker } = await stand.processes();
    for (const pid of [master, worker]) process.kill(pid ?? 0, 'SIGKILL');
    await until('it to be gone', async () => !(await stage.traffic.isOpen(place)));
    await until('a call back', () => calls > 0);
    expect(await stage.driver.servesNobody?.()).toBe(true);
    expect(await stage.driver.observe(PATIENT)).toEqual([]);
    expect(await stage.serve(stage.listener())).toEqual(place);
    expect(await stage.traffic.tally(place, 3)).toEqual({ a: 1, b: 1, c: 1 });
  });

  it('of somebody else that does not run: its file is written, so that it starts right, and the agent says so', async () => {
    const { stage, stand } = given();
    const desired = state([stage.listener()]);
    const guest = await stand.again({ ownsProcess: false });
    await expect(guest.apply(desired, PATIENT)).rejects.toMatchObject({
      code: 'data-plane-unavailable',
      message: expect.stringContaining(stand.settings.configFile),
    });
    for (const call of [guest.observe(PATIENT), guest.counters(PATIENT)]) {
      await expect(call).rejects.toMatchObject({ code: 'data-plane-unavailable' });
    }
    expect(await readFile(stand.settings.configFile, 'utf8')).toContain('listen web');
  });

  it('that is not installed is told to be', async () => {
    const { stage, stand } = given();
    const driver = await stand.again({ program: join(stand.directory, 'no-haproxy') });
    await expect(driver.apply(state([stage.listener()]), PATIENT)).rejects.toMatchObject({
      code: 'data-plane-unavailable',
      message: expect.stringContaining('install HAProxy'),
    });
  });

  it('sockets whose paths are too long are refused', () => {
    const { stand } = given();
    const masterSocket = join(stand.directory, 'x'.repeat(90));
    expect(() => new HaproxyDriver({ ...stand.settings, masterSocket }, stand.ports)).toThrow(
      /longer than 84 bytes/,
    );
  });
});

function state(listeners: NodeState['listeners']): NodeState {
  return { node: 'n1', generation: 1, listeners };
}

async function startAgent(settings: HaproxySettings, desired: NodeState) {
  const words = [pathToFileURL(BUILT).href, settings, desired].map((value) => JSON.stringify(value));
  const agent = spawn(process.execPath, ['--input-type=module', '-e', AGENT, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  agent.stdout.setEncoding('utf8').on('data', (text) => (said += String(text)));
  await until('the agent to say where it listens', () => {
    if (agent.exitCode !== null) throw new Error(`the agent ended with ${agent.exitCode}`);
    return said.includes('\n');
  });
  return { agent, place: JSON.parse(said) as { address: string; port: number } };
}
