import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from './testing/run-command.fixture.js';
import { APPLIED } from './testing/sample-site.fixture.js';
import { StubSite } from './testing/stub-site.fixture.js';

const EXAMPLES = `${process.cwd()}/examples/maglev`;

const GROUP = `
apiVersion: federation.routerd.net/v1alpha1
kind: EventGroup
metadata: { name: cloudedge }
spec: { nodeName: edge-1 }
`;

/** Checks stdin without any site or context. */
const check = (stdin: string, ...flags: string[]) =>
  runCommand(['config', 'check', '-', ...flags], { stdin });

describe('config check', () => {
  it('says what a right file declares', async () => {
    expect(await runCommand(['config', 'check', 'maglev.yaml'], { cwd: EXAMPLES })).toEqual({
      code: 0,
      out: 'maglev.yaml: ok: 1 healthchecker, 1 healthcheck, 5 backends, 2 frontends\n',
      err: '',
    });
    expect(await runCommand(['config', 'check', 'resources.yaml'], { cwd: EXAMPLES })).toEqual({
      code: 0,
      out: 'resources.yaml: ok: 1 healthchecker, 1 healthcheck, 5 backends, 2 frontends, 1 poolmember\n',
      err: '',
    });
    expect(await check('maglev:\n')).toEqual({ code: 0, out: 'stdin: ok: nothing is declared\n', err: '' });
  });

  it('warns on stderr and ends with 0', async () => {
    expect(await check('maglev: {backends: {a: {address: 10.0.0.1}}}')).toEqual({
      code: 0,
      out: 'stdin: ok: 1 backend\n',
      err: 'signalbox: warning: stdin:1:21 /maglev/backends/a: is in no pool of a frontend\n',
    });
  });

  it('ends with 1 on a parse error, one line for each', async () => {
    const { code, out, err } = await check('maglev: {nets: {}, backends: {a: {port: 1}}}');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err)
      .toBe(`signalbox: bad-maglev: stdin: the maglev.yaml does not follow its schema: /maglev/nets is not supported: this version does not know the field "nets" (and 1 more)
  stdin:1:10 /maglev/nets: is not supported: this version does not know the field "nets"
  stdin:1:35 /maglev/backends/a/port: is not supported: this version does not know the field "port"
next: correct stdin and check it again
`);
  });

  it('ends with 2 on a semantic error, one line for each', async () => {
    const { code, out, err } = await check(
      'maglev: {backends: {a: {address: 10.0.0.1, healthcheck: x}, b: {address: 10.0.0.2, healthcheck: y}}}',
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^signalbox: validation-failed: stdin: /);
    expect(err).toContain(`
  stdin:1:44 /maglev/backends/a/healthcheck: HealthCheck/x does not exist: declare it or correct the name
  stdin:1:84 /maglev/backends/b/healthcheck: HealthCheck/y does not exist: declare it or correct the name
next: `);
  });

  it.each([
    [1, 'maglev: ['],
    [1, ''],
    [1, '- a'],
    [1, '{kind: EventGroup}'],
    [1, `${GROUP}state: {}`],
    [1, GROUP.replace('edge-1', '${node}')],
    [2, GROUP.replace('edge-1', 'a b')],
    [2, GROUP.replace('nodeName', 'node')],
    [2, `${GROUP}---\n${GROUP}`],
    [
      2,
      GROUP.replace('EventGroup', 'EventPeer').replace(
        'spec: {',
        'spec: { groupRef: x, endpoint: http://a, ',
      ),
    ],
    [0, GROUP],
  ])('ends with %d for %j', async (code, text) => {
    expect((await check(text)).code).toBe(code);
  });

  it('fills variables as apply does', async () => {
    const text = GROUP.replace('edge-1', '${node}');
    expect((await check(text, '--var', 'node=edge-1')).out).toBe('stdin: ok: 1 eventgroup\n');
    expect((await check(text, '--var', 'node=a b')).code).toBe(2);
  });

  it('ends with 1 when the file cannot be read', async () => {
    const { code, err } = await runCommand(['config', 'check', 'gone.yaml']);
    expect(code).toBe(1);
    expect(err).toMatch(/^signalbox: file-unreadable: gone\.yaml cannot be read \(ENOENT\)/);
  });

  it('asks for the context only when it is named', async () => {
    const { code, err } = await check(GROUP, '--context', 'edge');
    expect(code).toBe(6);
    expect(err).toMatch(/^signalbox: no-context: /);
  });
});

describe('config reload', () => {
  let site: StubSite;
  beforeAll(async () => {
    site = await StubSite.start();
  });
  afterAll(async () => {
    await site.stop();
  });
  beforeEach(() => {
    site.forget();
  });
  const reload = (...args: string[]) =>
    runCommand(['config', 'reload', ...args], {
      env: { SIGNALBOX_URL: site.url, SIGNALBOX_TOKEN: 'sbx_t' },
      stdin: 'maglev: {backends: {a: {address: "${ip}"}}}',
    });

  it('applies the file', async () => {
    site.on('POST /v1/apply', { body: APPLIED });
    const { code, out } = await reload('-', '--var', 'ip=10.0.0.1', '-m', 'why');
    expect(code).toBe(0);
    expect(out).toContain('revision 7, generation 3: 1 added, 1 changed, 1 removed, 1 unchanged');
    expect(site.requests).toMatchObject([
      { url: '/v1/apply?message=why', body: 'maglev: {backends: {a: {address: "10.0.0.1"}}}' },
    ]);
  });

  it('prints the plan of a dry run', async () => {
    site.on('POST /v1/apply', { body: { ...APPLIED, dryRun: true } });
    const { out } = await reload('-', '--var', 'ip=10.0.0.1', '--dry-run');
    expect(out).toContain('dry run at revision 7, nothing was written');
    expect(site.requests[0]?.url).toBe('/v1/apply?dryRun=true');
  });
});
