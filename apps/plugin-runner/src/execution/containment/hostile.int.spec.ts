import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { PluginMode, SandboxMode } from '@signalbox/contracts';
import { optionalProgram, tellNotRun, until } from '@signalbox/testing';
import { findContainment, type Containment } from './containment.js';
import { cameOf, HostileStage, MODES } from './hostile.fixture.js';

jest.setTimeout(300_000);

const SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin';
const IS_ROOT = process.getuid?.() === 0;
const hasSandbox = optionalProgram('bwrap', 'hostile plugins inside bubblewrap') !== undefined;

let stage: HostileStage;
beforeAll(async () => {
  stage = await HostileStage.open();
});
afterAll(() => stage.close());
afterEach(async () => {
  await stage.endAll();
  await rm(stage.outside, { force: true });
});

function contain(sandbox: SandboxMode, user?: string): Promise<Containment> {
  const settings = { sandbox, sandboxPaths: [], ...(user !== undefined && { user }) };
  return findContainment({ settings, searchPath: SEARCH_PATH, pluginDirs: [], hidden: [] });
}

/** Without the sandbox and as the user of these tests. `by`: what reaches those that leave their group. */
async function open(by: 'control group' | 'mark'): Promise<Containment | undefined> {
  const { controlGroups, user: _, ...rest } = await contain('off');
  if (by === 'mark') return rest;
  return controlGroups === undefined ? undefined : { ...rest, controlGroups };
}

/** A run that goes wrong while a good plugin is at work: its error, and that both can run again. */
async function codeOf(act: string, mode: PluginMode, containment: Containment): Promise<string | undefined> {
  const name = `${act}-${mode}`;
  const timeout = ['spin', 'close-stdin'].includes(act) ? '1s' : '60s';
  const [hostile, neighbour] = await Promise.all([
    stage.run(act, mode, containment, { name, timeout }),
    stage.run('good', mode, containment, { name: 'neighbour' }),
  ]);
  expect(cameOf(neighbour)).toBe('done');
  expect(cameOf(await stage.run('good', mode, containment, { name }))).toBe('done');
  return hostile.error?.code;
}

/** A plugin that has read its secret and lives on; the result asks it again how long that is. */
async function withSecret(containment: Containment): Promise<() => Promise<unknown>> {
  const { secrets } = stage;
  const ask = async (): Promise<unknown> =>
    cameOf(await stage.run('secret', 'persistent', containment, { name: 'with-secret', secrets }));
  await ask();
  return ask;
}

/** What a program does that no sandbox is needed for: `[act, code one-shot, code persistent]`. */
const FAILURES = [
  ['spin', 'plugin-timeout', 'plugin-timeout'],
  ['stdout', 'plugin-output-limit', 'plugin-output-limit'],
  ['stderr', 'plugin-output-limit', 'plugin-output-limit'],
  ['memory', 'plugin-exit', 'plugin-exit'],
  ['close-stdin', 'plugin-timeout', 'plugin-timeout'],
  ['garbage', 'plugin-output-invalid', 'plugin-output-invalid'],
  ['nothing', 'plugin-output-invalid', 'plugin-exit'],
] as const;
const FAILURES_BY_MODE = MODES.flatMap((mode, at) =>
  FAILURES.map((failure) => [failure[0], mode, failure[at === 0 ? 1 : 2]] as const),
);

(hasSandbox ? describe : describe.skip)('P16 P17 inside the sandbox', () => {
  let containment: Containment;
  beforeAll(async () => {
    containment = await contain('required');
    expect(containment.fault).toBeUndefined();
  });
  const came = async (act: string, mode: PluginMode, more = {}): Promise<unknown> =>
    cameOf(await stage.run(act, mode, containment, { name: act, ...more }));

  test.each(FAILURES_BY_MODE)(
    '%s (%s) is %s, its place is free, its neighbours answer',
    async (act, mode, code) => {
      expect(await codeOf(act, mode, containment)).toBe(code);
    },
  );

  describe.each(MODES)('%s', (mode) => {
    test.each(['setsid', 'setsid-clean'])(
      '%s: what left its group and session ends with the process',
      async (act) => {
        expect(await came(act, mode)).toBe(true);
        await stage.endAll();
        await until('no process of a plugin is left', () => stage.left().length === 0);
      },
    );

    test('fork: as many processes as a sandbox may have, and none afterwards', async () => {
      const started = await came('fork', mode);
      if (containment.sandbox?.boundsProcesses) expect(started).toBeLessThan(128);
      await stage.endAll();
      await until('no process of a plugin is left', () => stage.left().length === 0);
    });

    test('sees only its own processes', async () => {
      expect(await came('processes', mode)).toBeLessThan(6);
    });

    test('cannot write outside its directory', async () => {
      expect(await came('write', mode)).toMatch(/^(ENOENT|EROFS|EACCES)$/);
      expect(existsSync(stage.outside)).toBe(false);
    });

    test('can write in its directory, up to its bound', async () => {
      expect(await came('scratch', mode)).toBe('x');
      expect(await came('fill-scratch', mode)).toBe('ENOSPC');
    });

    test('has no network unless it asks for it', async () => {
      expect(await came('network', mode)).toBe('ECONNREFUSED');
      expect(await came('network', mode, { network: true })).toBe('connected');
    });

    test('has PATH and what is declared in its environment, and cannot read ours', async () => {
      const declared = ['ACT', 'KEY', 'MARK', 'OUTSIDE', 'PATH', 'PORT', 'PWD', 'SERVICE'];
      const modes = mode === 'persistent' ? ['SIGNALBOX_PLUGIN_MODE'] : [];
      expect(await came('environment', mode)).toBe([...declared, ...modes].sort().join());
      expect(await came('service-environment', mode)).toBe('ENOENT');
    });

    test('code that its environment loads into programs acts inside only', async () => {
      // the loader says of each program that it could not load it: prlimit, env and node, and not bubblewrap
      const env = { ACT: 'good', LD_PRELOAD: '/nowhere/preload.so' };
      const { execution, result } = await stage.run('good', mode, containment, { name: 'preload', env });
      expect(result).toBeDefined();
      expect(execution.stderr?.match(/preload\.so/g)).toHaveLength(3);
    });

    test('cannot read the keys of the site', async () => {
      expect(await came('key', mode)).toBe('ENOENT');
    });

    test('has its secret, once, and neither its file nor a way to write to it', async () => {
      const { secrets } = stage;
      expect(await came('secret', mode, { secrets })).toBe('the-seed'.length);
      expect(await came('key', mode, { secrets })).toBe('ENOENT');
      expect(await came('reads-again', mode, { secrets })).toBe('ENXIO');
      expect(await came('writes-back', mode, { secrets })).toBe('ENXIO');
    });

    test('what it starts has the number of a descriptor, and nothing of the secret', async () => {
      const { secrets } = stage;
      expect(await came('child-environment', mode, { secrets })).toEqual(['SIGNALBOX_SECRET_SEED_FD=3']);
    });

    test('does not see who has a secret, and has no descriptor of it', async () => {
      const neighbour = await withSecret(containment);
      expect(await came('neighbours', mode)).toEqual({ seen: 0, read: [] });
      expect(await came('own-descriptors', mode)).toEqual([]);
      expect(await neighbour()).toBe('the-seed'.length);
    });
  });
});

describe.each(['control group', 'mark'] as const)('P16 P17 without the sandbox, with a %s', (by) => {
  let containment: Containment | undefined;
  beforeAll(async () => {
    containment = await open(by);
    if (!containment) tellNotRun('hostile plugins in control groups', 'none may be made here');
  });
  const whole = async (): Promise<Containment> => containment ?? (await open('mark'))!;
  const came = async (act: string, mode: PluginMode): Promise<unknown> =>
    cameOf(await stage.run(act, mode, await whole(), { name: act }));

  test.each(FAILURES_BY_MODE)(
    '%s (%s) is %s, its place is free, its neighbours answer',
    async (act, mode, code) => {
      expect(await codeOf(act, mode, await whole())).toBe(code);
    },
  );

  describe.each(MODES)('%s', (mode) => {
    test.each(['fork', 'setsid'])('%s: no process is left', async (act) => {
      await came(act, mode);
      await stage.endAll();
      await until('no process of a plugin is left', () => stage.left().length === 0);
    });

    test('NOT contained without a control group: a process that takes a session and another environment', async () => {
      await came('setsid-clean', mode);
      await stage.endAll();
      if ((await whole()).controlGroups !== undefined) {
        await until('no process of a plugin is left', () => stage.left().length === 0);
        return;
      }
      expect(stage.left()).toHaveLength(1);
      for (const pid of stage.left()) process.kill(pid, 'SIGKILL');
      await until('no process of a plugin is left', () => stage.left().length === 0);
    });

    test('sees who has a secret, and can read it nowhere but in its file', async () => {
      const { secrets } = stage;
      const neighbour = await withSecret(await whole());
      expect(await came('neighbours', mode)).toEqual({ seen: 1, read: [] });
      expect(await came('own-descriptors', mode)).toEqual([]);
      expect(await neighbour()).toBe('the-seed'.length);
      expect(await came('key', mode)).toBe('the-seed');
      const own = await stage.run('key', mode, await whole(), { name: 'own', secrets });
      expect(own.error?.code).toBe('secret-in-result');
    });

    test('a clean environment and a directory of its own', async () => {
      const names = String(await came('environment', mode)).split(',');
      const ours = ['SIGNALBOX_RUN', 'SIGNALBOX_PLUGIN_MODE', '_', 'PWD', 'OLDPWD', 'SHLVL'];
      expect(names.filter((name) => !ours.includes(name))).toEqual(
        ['ACT', 'KEY', 'MARK', 'OUTSIDE', 'PATH', 'PORT', 'SERVICE'].sort(),
      );
      expect(await came('scratch', mode)).toBe('x');
    });

    test('NOT contained: files of the same user, what others left open, the network, processes, disk', async () => {
      expect(await came('key', mode)).toBe('the-seed');
      expect(await came('service-environment', mode)).toHaveLength(4);
      expect(await came('write', mode)).toBe('done');
      expect(existsSync(stage.outside)).toBe(true);
      expect(await came('network', mode)).toBe('connected');
      expect(await came('fork', mode)).toBe(400);
      expect(await came('fill-scratch', mode)).toBe('done');
    });
  });
});

(IS_ROOT ? describe : describe.skip)('P17 as a user of its own, without the sandbox', () => {
  test.each(MODES)('%s: cannot read the keys and the environment of the site', async (mode) => {
    const containment = await contain('off', '65534:65533');
    const came = async (act: string): Promise<unknown> =>
      cameOf(await stage.run(act, mode, containment, { name: act }));
    expect(await came('user')).toMatch(/^65534:65533:(65533)?$/);
    expect(await came('key')).toBe('EACCES');
    expect(await came('service-environment')).toBe('EACCES');
    expect(await came('scratch')).toBe('x');
    const neighbour = await withSecret(containment);
    expect(await came('neighbours')).toEqual({ seen: 1, read: [] });
    expect(await neighbour()).toBe('the-seed'.length);
    await came('setsid');
    await stage.endAll();
    await until('no process of a plugin is left', () => stage.left().length === 0);
  });

  test('a plugin that its user cannot get to says which directory is closed', async () => {
    const containment = await contain('off', '65534');
    const closed = await HostileStage.open(0o700);
    const { error } = await closed.run('good', 'oneshot', containment);
    expect(error).toMatchObject({
      code: 'plugin-start-failed',
      message: expect.stringContaining(`cannot get to ${closed.executable}: chmod a+x ${closed.root}`),
    });
    await closed.close();
  });
});
