import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCommand } from './testing/run-command.fixture.js';
import { APPLIED, STATUS } from './testing/sample-site.fixture.js';
import { problem, type StubAnswer, StubSite } from './testing/stub-site.fixture.js';

let site: StubSite;
let home: string;
beforeEach(async () => {
  site = await StubSite.start();
  home = mkdtempSync(join(tmpdir(), 'signalbox-identity-'));
});
afterEach(async () => {
  await site.stop();
  rmSync(home, { recursive: true });
});

const signalbox = (line: string, given = {}) =>
  runCommand(line.split(' '), { cwd: home, home, checkoutDir: home, ...given });

function context(file: string, members: object): void {
  writeFileSync(join(home, file), JSON.stringify({ url: site.url, token: 'sbx_secret', ...members }), {
    mode: 0o600,
  });
}

describe('X20 the token of a context', () => {
  it('is sent to the site that it was made for', async () => {
    context('a.json', { siteId: 'site-a' });
    site.on('GET /v1/site', { body: { siteId: 'site-a' } }).on('GET /v1/status', { body: STATUS });
    expect((await signalbox('status --context ./a.json')).code).toBe(0);
    const [first, second] = site.requests;
    expect([first?.url, first?.headers.authorization]).toEqual(['/v1/site', undefined]);
    expect([second?.url, second?.headers.authorization]).toEqual(['/v1/status', 'Bearer sbx_secret']);
  });

  it.each<[string, StubAnswer]>([
    ['another site', { body: { siteId: 'site-b' } }],
    ['a server that is no site', { body: '<html>', type: 'text/html' }],
    ['a site that does not say', problem(404, 'not-found', 'no route')],
  ])('is not sent to %s', async (_, answer) => {
    context('a.json', { siteId: 'site-a' });
    site.on('GET /v1/site', answer).on('POST /v1/apply', { body: APPLIED });
    for (const line of ['status', 'apply -f -', 'watch events', 'projections verify']) {
      const { code, err } = await signalbox(`${line} --context ./a.json`);
      expect({ line, code }).toEqual({ line, code: 6 });
      expect(err).toContain('signalbox: wrong-site: ');
      expect(err).toContain('wanted is site-a; nothing was sent');
    }
    expect(site.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it('waits for a site that cannot say now who it is, without calling it another', async () => {
    context('a.json', { siteId: 'site-a' });
    site.on('GET /v1/site', problem(503, 'not-ready', 'starting'));
    const { code, err } = await signalbox('status --context ./a.json');
    expect(code).toBe(1);
    expect(err).toContain('signalbox: not-ready: starting');
    expect(site.requests.map(({ url }) => url)).toEqual(['/v1/site']);
  });

  it('goes out unasked from a context that does not know its site', async () => {
    context('a.json', {});
    site.on('GET /v1/status', { body: STATUS });
    expect((await signalbox('status --context ./a.json')).code).toBe(0);
    expect(site.requests.map(({ url }) => url)).toEqual(['/v1/status']);
  });

  it('is tied to its site by context add', async () => {
    site.on('GET /v1/site', { body: { siteId: 'site-a' } }, { body: { siteId: 'site-b' } });
    expect((await signalbox(`context add a --url ${site.url} --token sbx_secret --use`)).code).toBe(0);
    const { code, err } = await signalbox('status');
    expect(code).toBe(6);
    expect(err).toContain('it is site-b, wanted is site-a');
  });
});

describe('X44 a command that changes another site than the chosen one', () => {
  it('says which', async () => {
    site.on('GET /v1/site', problem(404, 'not-found', 'x')).on('POST /v1/apply', { body: APPLIED });
    site.on('GET /v1/status', { body: STATUS });
    await signalbox('context add edge --url http://127.0.0.1:9 --token sbx_t --use');
    const given = { env: { SIGNALBOX_URL: site.url, SIGNALBOX_TOKEN: 'sbx_t' } };
    const note = `signalbox: this changes ${site.url} (SIGNALBOX_URL), not the chosen context edge\n`;
    expect((await signalbox('apply -f -', given)).err).toBe(note);
    expect((await signalbox('status', given)).err).toBe('');
    expect((await signalbox(`apply -f - --url ${site.url}`)).err).toContain(
      '(--url), not the chosen context edge',
    );
    await signalbox('context use --none');
    expect((await signalbox('apply -f -', given)).err).toBe('');
  });
});
