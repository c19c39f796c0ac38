import { existsSync, readlinkSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@signalbox/embedded';
import { CHECKOUT, type CommandResult, runCommand, until } from '@signalbox/testing';
import { SUMS, writeSums } from '../../scripts/package/sums.mjs';
import { BareRoot, bareRootPrograms } from './bare-root.js';

jest.setTimeout(600_000);

const found = bareRootPrograms();
/** For hangs. Milliseconds. */
const PACKAGE_MS = 600_000;
const STATE = '/var/lib/signalbox';
const GROUP = 'cloudedge';
const EMIT = ['event', 'emit', '--group', GROUP, '--type', 'routerd.client.ipv4.observed'];
const MATCHES = ['--payload', 'domain=edge-lan', '--payload', 'ownerSide=onprem', '--ttl', '30m'];

if (found)
  describe('a package on a bare machine', () => {
    let dir: string;
    let root: BareRoot;
    let unpacked: string;
    let output = '';
    let port: number;
    let site: ReturnType<BareRoot['start']> | undefined;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'signalbox-install-'));
      const everything = process.env['SIGNALBOX_TEST_PATH'] ?? process.env['PATH'] ?? '';
      const script = join(CHECKOUT, 'scripts', 'package.mjs');
      const made = await runCommand(process.execPath, [script, '--servers', '--fast', '--out', dir], {
        env: { ...process.env, PATH: everything },
      });
      expect(made).toMatchObject({ code: 0 });
      root = new BareRoot(join(dir, 'root'), found);
      const tar = made.stdout.trim().split('\n').at(-1)!;
      const { code, stderr } = await runCommand('tar', ['-xzf', tar, '-C', join(root.dir, 'tmp')], {
        env: { ...process.env, PATH: everything },
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [name] = await readdir(join(root.dir, 'tmp'));
      unpacked = `/tmp/${name}`;
      port = await freePort();
    }, PACKAGE_MS);

    afterAll(async () => {
      root?.close();
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    }, PACKAGE_MS);

    const install = (...args: string[]): Promise<CommandResult> =>
      root.run([`${unpacked}/install.sh`, ...args]);
    const inRoot = (path: string): string => join(root.dir, path);
    const current = (): string => readlinkSync(inRoot('/opt/signalbox/current'));

    /** The command as an operator on that machine calls it. */
    async function signalbox(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await root.run(['signalbox', ...args], 'signalbox');
      if (code !== 0) throw new Error(`signalbox ${args.join(' ')} exited ${code}: ${stderr}`);
      return stdout;
    }

    /** What systemd does of the installed unit: its user, its environment, its command. */
    async function startSite(): Promise<void> {
      const unit = await readFile(inRoot('/etc/systemd/system/signalbox.service'), 'utf8');
      const value = (name: string): string =>
        new RegExp(`^${name}=(.*)$`, 'm').exec(unit)![1]!.replaceAll('%S', '/var/lib');
      const environment = value('Environment').replace(/HTTP_PORT=\d+/, `HTTP_PORT=${port}`);
      const path = /^Environment=(PATH=.*)$/m.exec(unit)![1]!;
      output = '';
      const command = ['env', ...environment.split(' '), path, ...value('ExecStart').split(' ')];
      site = root.start(command, value('User'), (text) => (output += text));
      await until(
        'the site to be ready or gone',
        () => output.includes('Signalbox is ready') || isGone(),
        PACKAGE_MS,
      );
      if (isGone()) throw new Error(`the site did not start:\n${output}`);
    }

    function isGone(): boolean {
      return !site || site.exitCode !== null || site.signalCode !== null;
    }

    async function stopSite(): Promise<void> {
      site?.kill('SIGTERM');
      await until(
        'the site to end',
        () => site === undefined || site.exitCode !== null || site.signalCode !== null,
      );
      expect(site?.exitCode).toBe(0);
      site = undefined;
    }

    const facts = async (): Promise<string[]> => {
      const text = await signalbox('event', 'list', '--group', GROUP, '-o', 'json');
      return (JSON.parse(text) as { id: string }[]).map(({ id }) => id).sort();
    };

    it('refuses a Node that is too old, and a package that is not whole, and changes nothing', async () => {
      root.write('tmp/eighteen', '#!/bin/sh\n[ "$1" != -e ] || exit 1\necho 18.20.1\n', 0o755);
      expect(await install('--node', '/tmp/eighteen')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('needs Node 20.19 or newer, /tmp/eighteen is 18.20.1'),
      });
      const file = inRoot(`${unpacked}/dist/bundle/api.js`);
      const { size } = await stat(file);
      await appendFile(file, '\n');
      expect(await install()).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/api\.js: FAILED[^]*the package is not whole/),
      });
      await truncate(file, size);
      expect(existsSync(inRoot('/opt/signalbox'))).toBe(false);
    });

    it('is installed with a user, settings and units, and says what comes next', async () => {
      expect(await install()).toEqual({
        code: 0,
        stdout: expect.stringMatching(/installed 0\.[^]*next: settings in \/etc\/signalbox\/site\.env/),
        stderr: '',
      });
      const passwd = await readFile(inRoot('/etc/passwd'), 'utf8');
      expect(passwd).toMatch(/^signalbox:x:\d+:\d+:.*:\/usr\/sbin\/nologin$/m);
      expect(passwd).toMatch(/^signalbox-plugin:/m);
      expect(await readdir(inRoot('/etc/signalbox'))).toEqual(await settingsOfPackage());
      expect((await stat(inRoot('/etc/signalbox/keys'))).mode & 0o777).toBe(0o700);
      expect((await stat(inRoot('/etc/signalbox/site.env'))).mode & 0o777).toBe(0o640);
      const { uid } = await stat(inRoot('/opt/signalbox/current/dist/bundle/api.js'));
      expect(uid).toBe(0);
    });

    it('starts a site that takes an example and makes of a fact what it says', async () => {
      await startSite();
      expect(await signalbox('status')).toMatch(/Ready: +yes/);
      await signalbox('secret', 'create', `${STATE}/secrets/edge.key`);
      const example = '/opt/signalbox/current/examples/event-federation/receiver-cloud.yaml';
      const listenPort = await freePort();
      expect(await signalbox('apply', '-f', example, '--var', `listenPort=${listenPort}`)).toContain(
        '6 added',
      );
      await signalbox(...EMIT, '--subject', '10.88.60.9/32', '--id', 'before', ...MATCHES);
      await until('the claim', async () =>
        (await signalbox('dynamic', 'render')).includes('onprem-10-88-60-9'),
      );
    });

    it('is upgraded beside what runs; a start of the new one has everything, and the old one is still there', async () => {
      const old = current();
      await appendFile(inRoot(`${unpacked}/CHANGELOG.md`), '\nnewer\n');
      writeSums(inRoot(unpacked), SUMS);
      root.write('etc/signalbox/site.env', 'SIGNALBOX_NODE=kept\n');
      expect(await install()).toMatchObject({ code: 0, stdout: expect.stringContaining('upgraded from') });
      expect(current()).not.toBe(old);
      expect(await readFile(inRoot('/etc/signalbox/site.env'), 'utf8')).toBe('SIGNALBOX_NODE=kept\n');
      // what runs goes on until it is told to
      await signalbox(...EMIT, '--subject', '10.88.60.10/32', '--id', 'meanwhile', ...MATCHES);
      await stopSite();
      await startSite();
      await signalbox(...EMIT, '--subject', '10.88.60.11/32', '--id', 'after', ...MATCHES);
      expect(await facts()).toEqual(['after', 'before', 'meanwhile']);
      expect(await readdir(inRoot('/opt/signalbox/versions'))).toEqual(
        [old, current()].map((link) => link.replace('versions/', '')).sort(),
      );
      expect(await install()).toMatchObject({ code: 0, stdout: expect.stringMatching(/installed .* again/) });
      await stopSite();
    });

    it('is removed without its settings, keys and data', async () => {
      const { code, stdout, stderr } = await install('--uninstall');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('what stays: /etc/signalbox, /var/lib/signalbox');
      const gone = ['/opt/signalbox', '/usr/local/bin/signalbox', '/etc/systemd/system/signalbox.service'];
      expect(gone.filter((path) => existsSync(inRoot(path)))).toEqual([]);
      expect(existsSync(inRoot(`${STATE}/context.json`))).toBe(true);
      expect(await readdir(inRoot('/etc/signalbox'))).toEqual(await settingsOfPackage());
      expect(await install('--uninstall')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('has no Signalbox'),
      });
    });

    it('finds its data again when it is installed anew', async () => {
      expect(await install()).toMatchObject({ code: 0 });
      await startSite();
      expect(await facts()).toEqual(['after', 'before', 'meanwhile']);
      await stopSite();
    });
  });
else it('an install in a bare root is not tried here', () => expect(found).toBeUndefined());

async function settingsOfPackage(): Promise<string[]> {
  return [...(await readdir(join(CHECKOUT, 'deploy', 'systemd', 'etc'))), 'keys'].sort();
}
