import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FakeStage } from '../api/fake/fake-stage.fixture.js';
import { NEEDED_MESSAGES } from '../api/needed-messages.js';
import type { CheckStep } from './check-step.js';
import { checkVpp } from './check-vpp.js';

const DEADLINE = { deadlineMs: 30_000 };

describe('a trial of VPP', () => {
  const stage = new FakeStage();
  afterEach(() => stage.clear());

  it('finds all of it as it has to be, and changes nothing', async () => {
    const fake = await stage.start({ version: '26.10-rc0' });
    const steps = await check();
    expect(steps.filter(({ result }) => result !== 'ok')).toEqual([]);
    expect(steps.map(({ step }) => step)).toEqual([
      'description',
      'socket',
      'handshake',
      'version',
      'boot time',
      ...NEEDED_MESSAGES.map((message) => `message ${message}`),
      'lb settings',
      'lb dumps',
      'lb text',
      'ping',
    ]);
    expect(found(steps, 'version')).toMatch(/^26\.10-rc0, built 2026-09-30T10:00:00, process \d+$/);
    expect(found(steps, 'lb settings')).toBe(
      'sources 255.255.255.255 and ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 1024 buckets, 40 s',
    );
    expect(fake.writes).toEqual([]);
    expect(fake.mistakes).toEqual([]);
  });

  it('reads of each VIP whether it is sticky', async () => {
    const fake = await stage.start();
    fake.plugin.addVip({
      prefix: new Uint8Array(16).fill(2),
      length: 128,
      protocol: 6,
      port: 443,
      encap: 1,
      tableLength: 1024,
      sticky: true,
    });
    const steps = await check();
    expect(found(steps, 'lb dumps')).toBe('1 VIPs, 0 servers');
    expect(found(steps, 'lb text')).toBe('tells of 1 VIPs whether they are sticky');
  });

  it('says that there is no socket, and takes no other step', async () => {
    const steps = await check();
    expect(steps.map(({ step, result }) => `${step} ${result}`)).toEqual([
      'description ok',
      'socket missing',
      ...['handshake', 'version', 'boot time', 'messages', 'lb settings', 'lb dumps', 'lb text', 'ping'].map(
        (step) => `${step} skipped`,
      ),
    ]);
    expect(steps[1]).toMatchObject({
      found: expect.stringMatching(/there is no socket; VPP makes one with "socksvr/),
      todo: 'start VPP, or name its socket: SIGNALBOX_VPP_API_SOCKET',
    });
  });

  it('says that VPP does not answer', async () => {
    const fake = await stage.start();
    fake.moods.loseAnswer('sockclnt_create');
    expect(await check({ deadlineMs: 1_000 })).toContainEqual({
      step: 'handshake',
      result: 'failed',
      found: 'waited 1000 ms for the answer of VPP to sockclnt_create',
      todo: 'see that it is VPP that listens at the socket, and that it is not stopped',
    });
  });

  it('says of each message that is missing or another, and goes on with the rest', async () => {
    await stage.start({ messages: { lb_as_set_weight: '0badcafe', lb_conf_get: undefined } });
    const wrong = (await check()).filter(({ result }) => result !== 'ok');
    expect(wrong).toEqual([
      {
        step: 'message lb_conf_get',
        result: 'missing',
        found: 'no lb_conf_get',
        todo: 'it needs the lb plugin of a VPP newer than 26.06',
      },
      {
        step: 'message lb_as_set_weight',
        result: 'differs',
        found: 'CRC 0badcafe, and 2d89bdbd is described',
        todo: expect.stringMatching(/^name the api.json files of this very VPP: SIGNALBOX_VPP_API_DIR/),
      },
      {
        step: 'lb settings',
        result: 'failed',
        found: expect.stringMatching(/^this VPP has no lb_conf_get_51077d14/),
        todo: expect.any(String),
      },
    ]);
  });

  it('takes the description of the VPP that is installed, whose CRCs and order of fields are its own', async () => {
    await stage.start({ messages: { lb_as_set_weight: '0badcafe' } });
    const shipped = await readFile(new URL('../api/description/lb.api.json', import.meta.url), 'utf8');
    const file = join(dirname(await stage.path()), 'plugins/lb.api.json');
    await mkdir(dirname(file));
    await writeFile(file, shipped.replace('0x2d89bdbd', '0x0badcafe'));
    const steps = await check();
    expect(found(steps, 'description')).toBe(file);
    expect(steps.filter(({ result }) => result !== 'ok')).toEqual([]);
  });

  it('says that a description is none', async () => {
    await stage.start();
    const file = join(dirname(await stage.path()), 'plugins/lb.api.json');
    await mkdir(dirname(file));
    await writeFile(file, '{"messages": [["lb_conf"]]}');
    const [description, ...others] = await check();
    expect(description).toMatchObject({
      result: 'differs',
      found: expect.stringMatching(/message lb_conf has no crc/),
    });
    expect(new Set(others.map(({ result }) => result))).toEqual(new Set(['skipped']));
  });

  it('says that VPP refuses what it is asked', async () => {
    const fake = await stage.start();
    fake.moods.refuse('lb_conf_get', -30);
    expect(await check()).toContainEqual({
      step: 'lb settings',
      result: 'failed',
      found: 'VPP refused lb_conf_get: FEATURE_DISABLED (-30): switched off by the configuration of VPP',
      todo: 'see the messages above, and the log of VPP',
    });
  });

  async function check(deadline = DEADLINE): Promise<CheckStep[]> {
    const socket = await stage.path();
    const steps: CheckStep[] = [];
    for await (const step of checkVpp({ socket, apiDir: dirname(socket), deadline })) steps.push(step);
    return steps;
  }
});

function found(steps: readonly CheckStep[], step: string): string | undefined {
  return steps.find((one) => one.step === step)?.found;
}
