import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SERVICES } from '@signalbox/contracts';
import { CHECKOUT, optionalProgram, runCommand } from '@signalbox/testing';

const UNITS = join(CHECKOUT, 'deploy', 'systemd');
const AGENT = 'dataplane-agent';
const SITE_SERVICES = SERVICES.filter((name) => name !== AGENT);
const UNIT_FILES = [
  'signalbox.service',
  'signalbox@.service',
  'signalbox-dataplane-agent.service',
  'signalbox-haproxy.service',
];
/** What every unit has, whatever it is for. */
const ALWAYS = {
  NoNewPrivileges: ['yes'],
  ProtectSystem: ['strict'],
  ProtectHome: ['yes'],
  PrivateTmp: ['yes'],
  PrivateDevices: ['yes'],
  RestrictSUIDSGID: ['yes'],
  SystemCallArchitectures: ['native'],
  Restart: ['always'],
};
/** The most exposure that systemd may find, of 10: what the sandbox of plugins needs costs some. */
const MOST_EXPOSED: Readonly<Record<string, number>> = {
  'signalbox.service': 3.5,
  'signalbox@.service': 2,
  'signalbox-dataplane-agent.service': 3,
  'signalbox-haproxy.service': 3,
};

type Unit = ReadonlyMap<string, readonly string[]>;

/** Settings of all sections, each with its values in order. */
async function readUnit(file: string): Promise<Unit> {
  const unit = new Map<string, string[]>();
  for (const line of (await readFile(join(UNITS, file), 'utf8')).split('\n')) {
    const found = /^(\w+)=(.*)$/.exec(line);
    if (!found) continue;
    const [, name = '', value = ''] = found;
    unit.set(name, [...(unit.get(name) ?? []), value]);
  }
  return unit;
}

describe('units of systemd', () => {
  it.each(UNIT_FILES)('%s is hardened, and started again', async (file) => {
    const unit = await readUnit(file);
    const found = Object.keys(ALWAYS).map((name) => [name, unit.get(name)] as const);
    expect(Object.fromEntries(found)).toEqual(ALWAYS);
    expect(unit.get('SystemCallFilter')?.[0]).toMatch(/^@system-service/);
    expect(unit.get('User')).toEqual(['signalbox']);
    const bounds = unit.get('CapabilityBoundingSet');
    const isOfNode = /agent|haproxy/.test(file);
    expect(bounds).toEqual([isOfNode ? 'CAP_NET_BIND_SERVICE' : '']);
  });

  it('hold no secret: keys are files that systemd hands over', async () => {
    const names = (await readdir(UNITS, { recursive: true })).filter((name) =>
      /\.(service|conf|env)$/.test(name),
    );
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      const text = await readFile(join(UNITS, name), 'utf8');
      expect([name, /^\s*[A-Z_ =a-z]*(PASSWORD|SECRET|TOKEN|SEED)=/m.test(text)]).toEqual([name, false]);
      expect([name, /:\/\/[^/\s]*:[^/\s]*@/.test(text)]).toEqual([name, false]);
    }
    const unit = await readUnit('signalbox@.service');
    expect(unit.get('LoadCredential')).toEqual([
      'nats.seed:/etc/signalbox/keys/%i/nats.seed',
      'database.password:/etc/signalbox/keys/%i/database.password',
    ]);
  });

  it('signalbox.target starts every service of a site, each with a port of its own', async () => {
    const wants = (await readUnit('signalbox.target')).get('Wants')!.flatMap((line) => line.split(' '));
    expect(wants.sort()).toEqual(SITE_SERVICES.map((name) => `signalbox@${name}.service`).sort());
    const ports = await Promise.all(
      SITE_SERVICES.map(async (name) => /^HTTP_PORT=(\d+)$/m.exec(await settings(name))?.[1]),
    );
    expect(new Set(ports).size).toBe(SITE_SERVICES.length);
    expect(ports).not.toContain(undefined);
    const ingest = ports[SITE_SERVICES.indexOf('ingest')];
    expect(await settings('services')).toContain(`INGEST_URL=http://127.0.0.1:${ingest}\n`);
  });

  it('plugin-runner has the rights of its container, and what the sandbox needs', async () => {
    const more = await readUnit('signalbox@plugin-runner.service.d/plugins.conf');
    expect(more.get('CapabilityBoundingSet')).toEqual([
      'CAP_CHOWN CAP_DAC_OVERRIDE CAP_KILL CAP_SETGID CAP_SETUID',
    ]);
    for (const unit of [more, await readUnit('signalbox.service')]) {
      // a /proc with something laid over it, and no namespaces: there would be no sandbox
      for (const name of [
        'ProtectKernelTunables',
        'ProtectKernelLogs',
        'ProtectHostname',
        'RestrictNamespaces',
      ])
        expect([name, unit.get(name)?.at(-1) ?? 'no']).toEqual([name, 'no']);
      expect(unit.get('SystemCallFilter')?.at(-1)).toBe('@system-service @mount');
      expect(unit.get('RestrictAddressFamilies')?.at(-1)).toContain('AF_NETLINK');
    }
  });

  it('start what the build makes, below the directory of the install', async () => {
    for (const file of UNIT_FILES.filter((name) => !name.includes('haproxy'))) {
      const [start = ''] = (await readUnit(file)).get('ExecStart')!;
      expect(start).toMatch(/^\/usr\/bin\/node \S+ \/opt\/signalbox\/current\/dist\/bundle\/[%a-z-]+\.js$/);
    }
  });

  function settings(name: string): Promise<string> {
    return readFile(join(UNITS, 'etc', `${name}.env`), 'utf8');
  }
});

const analyze = optionalProgram('systemd-analyze', 'what systemd says of its units');
if (analyze !== undefined)
  describe('systemd', () => {
    let dir: string;

    /** As they are installed, but that programs are there. */
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'signalbox-units-'));
      for (const file of [...UNIT_FILES, 'signalbox.target']) {
        const text = await readFile(join(UNITS, file), 'utf8');
        await writeFile(join(dir, file), text.replace(/^ExecStart=.*$/m, 'ExecStart=/bin/sh'));
      }
      await cp(
        join(UNITS, 'signalbox@plugin-runner.service.d'),
        join(dir, 'signalbox@plugin-runner.service.d'),
        {
          recursive: true,
        },
      );
      await cp(join(UNITS, 'dataplane-agent.d'), join(dir, 'signalbox-dataplane-agent.service.d'), {
        recursive: true,
      });
    });
    afterAll(() => rm(dir, { recursive: true, force: true }));

    it('finds nothing wrong with them, with every drop-in', async () => {
      const units = [...UNIT_FILES, 'signalbox.target', 'signalbox@plugin-runner.service'];
      const { code, stdout, stderr } = await runCommand(analyze, [
        'verify',
        '--man=no',
        ...units.map((unit) => join(dir, unit)),
      ]);
      // it tells of units of this machine too
      const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('signalbox'));
      expect({ code, ours }).toEqual({ code: 0, ours: [] });
    });

    it.each(UNIT_FILES)('finds %s no more exposed than we know', async (file) => {
      await rm(join(dir, 'signalbox-dataplane-agent.service.d'), { recursive: true, force: true });
      const threshold = `--threshold=${Math.round(MOST_EXPOSED[file]! * 10)}`;
      const { code, stdout } = await runCommand(analyze, [
        'security',
        '--offline=true',
        threshold,
        join(dir, file),
      ]);
      expect({ code, said: code === 0 ? '' : stdout }).toEqual({ code: 0, said: '' });
    });
  });
