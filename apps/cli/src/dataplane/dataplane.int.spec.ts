import { afterEach, describe, expect, it } from '@jest/globals';
import { dirname } from 'node:path';
import { FakeStage } from '../../../dataplane-agent/src/drivers/vpp/api/fake/fake-stage.fixture.js';
import { type Ended, runCommand } from '../testing/run-command.fixture.js';

describe('signalbox dataplane check', () => {
  const stage = new FakeStage();
  afterEach(() => stage.clear());

  it('prints each step, and ends well with a VPP that the driver can use', async () => {
    await stage.start();
    const { code, out, err } = await check();
    expect(out).toMatch(/^STEP +RESULT +FOUND +NEXT\n/);
    expect(out).toMatch(/^message lb_as_set_weight +ok +2d89bdbd +-$/m);
    expect(out).not.toMatch(/differs|missing|failed|skipped/);
    expect({ code, err }).toEqual({
      code: 0,
      err: 'signalbox: the driver vpp can use this VPP; nothing was changed\n',
    });
  });

  it('says what to do about a VPP that it cannot use, and ends with 1', async () => {
    await stage.start({ messages: { lb_as_set_weight: '0badcafe' } });
    const { code, out, err } = await check();
    expect(out).toMatch(
      /^message lb_as_set_weight +differs +CRC 0badcafe, and 2d89bdbd is described +name the api.json/m,
    );
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/1 of 37 steps are not ok; nothing was changed/),
    });
  });

  it('ends with 6 where no VPP is, as where no site is', async () => {
    const { code, out } = await check();
    expect(out).toMatch(/^socket +missing +VPP at .*: there is no socket/m);
    expect(code).toBe(6);
  });

  it('takes the socket of its flag before that of the environment', async () => {
    await stage.start();
    const { code } = await runCommand(
      ['dataplane', 'check', '--socket', await stage.path(), '--api-dir', dirname(await stage.path())],
      { env: { SIGNALBOX_VPP_API_SOCKET: '/nowhere/api.sock' } },
    );
    expect(code).toBe(0);
  });

  it('is read by programs', async () => {
    await stage.start();
    const { out } = await check('-o', 'json');
    expect(JSON.parse(out)).toContainEqual({ step: 'message control_ping', result: 'ok', found: '51077d14' });
  });

  async function check(...flags: readonly string[]): Promise<Ended> {
    const socket = await stage.path();
    return runCommand(['dataplane', 'check', ...flags], {
      env: { SIGNALBOX_VPP_API_SOCKET: socket, SIGNALBOX_VPP_API_DIR: dirname(socket) },
    });
  }
});
