import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Resolver } from 'node:dns/promises';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@signalbox/embedded';
import { optionalProgram, Site, until } from '@signalbox/testing';
import { blocksOf } from './page-blocks.js';
import { emit } from './site-activity.js';

jest.setTimeout(300_000);

const PAGE = 'docs/guide/sinks-dnsmasq.md';
const DNSMASQ = optionalProgram('dnsmasq', PAGE);

/** The text of a block by the name of its file. */
function block(name: string): string {
  const found = blocksOf(PAGE).find(({ file }) => file === name);
  if (!found) throw new Error(`${PAGE} has no block ${name}`);
  return `${found.text}\n`;
}

(DNSMASQ === undefined ? describe.skip : describe)(PAGE, () => {
  let site: Site;
  let run: string;
  let dnsmasq: ChildProcess;
  const resolver = new Resolver({ timeout: 1000, tries: 1 });

  beforeAll(async () => {
    run = mkdtempSync(join(tmpdir(), 'signalbox-dnsmasq-'));
    // dnsmasq reads its files as a user of its own
    chmodSync(run, 0o755);
    site = await Site.start({
      env: { SIGNALBOX_SINK_DIRS: run, PATH: `${process.env['PATH']}:/usr/bin:/bin` },
    });
    const commands = join(site.stateDir, 'sink-commands');
    mkdirSync(commands, { mode: 0o755 });
    writeFileSync(join(commands, 'dnsmasq-reload'), block('dnsmasq-reload'), { mode: 0o755 });
    await site.addPlugin('client-name', block('client-name'));
    const port = await freePort(22_000);
    const conf = block('dnsmasq.conf').replaceAll('${run}', run);
    writeFileSync(
      join(run, 'dnsmasq.conf'),
      `${conf}port=${port}\nlisten-address=127.0.0.1\nbind-interfaces\nuser=root\n`,
    );
    dnsmasq = spawn(DNSMASQ!, ['--keep-in-foreground', `--conf-file=${join(run, 'dnsmasq.conf')}`], {
      stdio: 'inherit',
    });
    resolver.setServers([`127.0.0.1:${port}`]);
    await until('dnsmasq', () => existsSync(join(run, 'dnsmasq.pid')));
    const file = join(site.stateDir, 'names.yaml');
    writeFileSync(file, block('names.yaml'));
    const variables = { plugins: site.pluginDir, commands, run };
    const given = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}=${value}`]);
    expect(await site.cli('apply', '-f', file, ...given)).toMatchObject({ code: 0 });
  }, 300_000);

  afterAll(async () => {
    await site?.stop();
    if (dnsmasq?.exitCode === null) {
      const ended = once(dnsmasq, 'exit');
      dnsmasq.kill();
      await ended;
    }
    rmSync(run, { recursive: true, force: true });
  }, 300_000);

  const addressOf = (name: string): Promise<string | undefined> =>
    resolver.resolve4(`${name}.lan`).then(
      ([address]) => address,
      () => undefined,
    );

  const seen = (id: string, subject: string, name: string): Promise<void> =>
    emit(site, { id, type: 'client.seen', subject, payload: { name } });

  it('S15 a client that is seen has a name, and keeps it with another address', async () => {
    await seen('s1', '192.0.2.20', 'printer');
    await until('its name', async () => (await addressOf('printer')) === '192.0.2.20');
    await seen('s2', '192.0.2.21', 'camera');
    await until('the other name', async () => (await addressOf('camera')) === '192.0.2.21');
    expect(await addressOf('printer')).toBe('192.0.2.20');
    await seen('s3', '192.0.2.30', 'printer');
    await until('its new address', async () => (await addressOf('printer')) === '192.0.2.30');
    expect(readFileSync(join(run, 'clients.hosts'), 'utf8')).toBe(
      '192.0.2.21 camera.lan\n192.0.2.30 printer.lan\n',
    );
    const { stdout } = await site.cli('sink', 'describe', 'names');
    expect(stdout).toMatch(/^state +applied$/m);
  });
});
