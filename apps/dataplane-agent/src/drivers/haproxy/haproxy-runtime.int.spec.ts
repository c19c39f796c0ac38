import { createConnection } from 'node:net';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { CHECKOUT, until } from '@signalbox/testing';
import { madeCertificate, pemOf } from '../certificates/made-certificate.fixture.js';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import { copyName, listName, listText } from './certificate-files.js';
import { ConfigFile } from './config-file.js';
import { listenersOfText } from './config-text.js';
import { ControlSocket } from './control-socket.js';
import { Expiry } from './expiry.js';
import { HAPROXY } from './haproxy.fixture.js';
import { serverIds, serverName } from './haproxy-names.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';
import { PrivateDirectory } from './private-directory.js';

const GOLDEN = join(CHECKOUT, 'apps/dataplane-agent/src/drivers/haproxy/haproxy.golden.cfg');
/** As it is quoted there. */
const GOLDEN_CERTIFICATES = "'/run/signalbox/it'\\''s here/certificates";

describeHaproxy('HAProxy at run time', (given) => {
  it('takes the golden file', async () => {
    const { stand } = given();
    const file = new ConfigFile(join(stand.directory, 'golden.cfg'), HAPROXY ?? '');
    const golden = await readFile(GOLDEN, 'utf8');
    // sections of the golden file share one place, which only a start would refuse
    const certificates = await writeCertificates(golden, stand.directory);
    const text = golden.replaceAll(GOLDEN_CERTIFICATES, `'${certificates}`);
    await expect(file.check(text, new Expiry(PATIENT))).resolves.toBeUndefined();
  });

  it('changes weights, and adds and removes targets, without a reload', async () => {
    const { stage, stand } = given();
    await stage.serve(stage.listener({ targets: stage.targets([100, 100], stage.servers.slice(0, 2)) }));
    const before = await stand.processes();
    await stage.serve(stage.listener());
    await stage.serve(stage.listener({ targets: stage.targets([1, 0, 3]) }));
    await stage.serve(stage.listener({ targets: stage.targets([100], stage.servers.slice(2)) }));
    expect(await stand.processes()).toEqual(before);
  });

  it.each([
    ['a weight', (server: string) => [`set server ${server} weight 7`]],
    ['a drain', (server: string) => [`set server ${server} state drain`]],
    ['maintenance', (server: string) => [`set server ${server} state maint`]],
    // an address is acknowledged with a sentence, a state with an empty line
    ['an address', (server: string) => [`set server ${server} addr 127.0.0.9 port 9`]],
    ['a removal', (server: string) => [`set server ${server} state maint`, `del server ${server}`]],
    [
      'a server of somebody else',
      () => ['add server web/other 127.0.0.9:9', 'set server web/other state ready'],
    ],
  ])('shows and repairs drift: %s', async (_what, commands) => {
    const { stage, stand } = given();
    await stage.serve(stage.listener());
    const before = await stage.driver.observe(PATIENT);
    const [a] = stage.servers;
    await stand.tell(...commands(`web/${a?.address}:${a?.port}`));
    expect(await stage.driver.observe(PATIENT)).not.toEqual(before);
    expect((await stage.apply(stage.listener())).writes).toBeGreaterThan(0);
    expect(await stage.driver.observe(PATIENT)).toEqual(before);
    expect((await stage.apply(stage.listener())).writes).toBe(0);
  });

  it('reloads when a command does not do what it acknowledges or is refused', async () => {
    const { stage, stand } = given();
    const [a, b, c] = stage.servers;
    if (!a || !b || !c) throw new Error('three servers');
    await stage.serve(stage.listener({ targets: stage.targets([100, 100], [a, b]) }));
    const id = serverIds([c]).get(serverName(c));
    await stand.tell(`add server web/other 127.0.0.9:9 id ${id}`);
    const before = await stand.processes();
    const place = await stage.serve(stage.listener());
    expect((await stand.processes()).reloads).toBe(before.reloads + 1);
    expect(await stage.traffic.tally(place, 6)).toEqual({ a: 2, b: 2, c: 2 });
  });

  it('keeps a removed target until its connections end', async () => {
    const { stage, stand } = given();
    const place = await stage.serve(stage.listener());
    const clients = [];
    for (let opened = 0; opened < 3; opened += 1) clients.push(await stage.traffic.connect(place));
    const names = await Promise.all(clients.map((client) => client.ask()));
    const others = stage.listener({ targets: stage.targets([100, 100], stage.servers.slice(1)) });
    await stage.serve(others);
    expect((await stage.driver.observe(PATIENT))[0]?.targets).toHaveLength(2);
    const [a] = stage.servers;
    expect(await stand.tell('show servers state web')).toContain(`:${a?.port} `);
    const client = clients[names.indexOf('a')];
    expect(await client?.ask()).toBe('a');
    await client?.end();
    await until('HAProxy to forget the target', async () => {
      await stage.serve(others);
      return !(await stand.tell('show servers state web')).includes(`:${a?.port} `);
    });
    expect((await stage.apply(others)).writes).toBe(0);
  });

  it.each([
    ['signs', `lab/a b:c;d#e"f'g\\h$i|j%k{l}`],
    ['letters of the world', 'größe/данные/数据'],
    ['253 characters', 'x/'.repeat(126) + 'x'],
    ['253 characters that are all written out', '/'.repeat(253)],
  ])('serves listeners with names of %s', async (_what, name) => {
    const { stage } = given();
    const listener = stage.listener({ name });
    const place = await stage.serve(listener);
    await stage.serve({ ...listener, targets: stage.targets([100, 0, 50]) });
    expect(await stage.traffic.tally(place, 3)).toEqual({ a: 2, c: 1 });
    expect((await stage.driver.observe(PATIENT)).map((observed) => observed.name)).toEqual([name]);
    expect(await stage.countersOf(name)).toMatchObject({ listener: name });
  });

  it('flush closes exactly the 200 sessions of its target', async () => {
    const { stage } = given();
    const place = await stage.serve(
      stage.listener({ targets: stage.targets([100, 100], stage.servers.slice(0, 2)) }),
    );
    const clients = [];
    for (let opened = 0; opened < 400; opened += 1) clients.push(await stage.traffic.connect(place));
    const names = await Promise.all(clients.map((client) => client.ask()));
    const [a] = stage.servers;
    if (!a) throw new Error('three servers');
    expect(await stage.flush(a)).toBe(200);
    const cut = clients.filter((_client, index) => names[index] === 'a');
    await until('200 sessions to be closed', () => cut.every(({ closed }) => closed));
    expect(cut).toHaveLength(200);
    expect(clients.filter(({ closed }) => closed)).toHaveLength(200);
    expect(a.standing).toBe(0);
  });

  it('the master ends its answer only when our side is closed, which is done', async () => {
    const { stage, stand } = given();
    await stage.serve(stage.listener());
    const open = createConnection({ path: stand.settings.masterSocket, allowHalfOpen: true });
    let [heard, hasEnded] = ['', false];
    open.setEncoding('utf8').on('data', (text) => (heard += String(text)));
    open.on('end', () => (hasEnded = true));
    open.write('show proc\n');
    await until('an answer', () => heard.includes('# programs'));
    const asked = new ControlSocket(stand.settings.masterSocket).ask('show proc', new Expiry(PATIENT));
    expect(await asked).toContain('# programs');
    expect(hasEnded).toBe(false);
    open.end();
    await until('its end', () => hasEnded);
  });

  it('an answer that does not come ends with the deadline', async () => {
    const { stage, stand } = given();
    await stage.serve(stage.listener());
    await stand.hang();
    const asked = new ControlSocket(stand.settings.statsSocket).ask(
      'show info',
      new Expiry({ deadlineMs: 50 }),
    );
    await expect(asked).rejects.toMatchObject({ code: 'data-plane-unavailable' });
  });

  it('starts where few files may be open, which a `maxconn` of its own would not let it', async () => {
    const { stage, stand } = given();
    const program = join(stand.directory, 'haproxy-few-files');
    await writeFile(program, `#!/bin/sh\nulimit -n 1024\nexec ${HAPROXY} "$@"\n`);
    await chmod(program, 0o755);
    const desired = { node: 'n1', generation: 1, listeners: [stage.listener()] };
    const many = await stand.again({ program, maxConnections: 5_000 });
    await expect(many.apply(desired, PATIENT)).rejects.toMatchObject({
      code: 'data-plane-unavailable',
      message: expect.stringContaining('Cannot raise FD limit'),
    });
    const few = await stand.again({ program, maxConnections: 411 });
    expect((await few.apply(desired, PATIENT)).listeners).toMatchObject([{ state: 'applied' }]);
    expect(await stand.tell('show info')).toMatch(/^Maxconn: 411$/m);
  });
});

/** What the listeners of a file name, with certificates of a test; says in which directory. */
async function writeCertificates(text: string, directory: string): Promise<string> {
  const certificates = new PrivateDirectory(join(directory, 'certificates'));
  for (const { tls } of listenersOfText(text)) {
    if (!tls) continue;
    await certificates.write(listName(tls.certificates), listText(tls.certificates));
    for (const one of tls.certificates)
      await certificates.write(copyName(one), pemOf(madeCertificate(one.name)));
  }
  return certificates.path;
}
