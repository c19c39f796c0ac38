import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findSite, type Site, type SiteFlags } from './context.js';
import { runCommand } from './testing/run-command.fixture.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signalbox-context-'));
  for (const dir of ['home', 'checkout/.signalbox', 'site/.signalbox', 'site/deep/er', 'other'])
    mkdirSync(join(root, dir), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const around = (cwd: string, env = {}) => ({
  env,
  cwd: join(root, cwd),
  home: join(root, 'home'),
  checkoutDir: join(root, 'checkout'),
});

it('X1 a token in a file that is not UTF-8 is refused, not read as another one', () => {
  const context = Buffer.from('{"url":"http://site:1/","token":"sbx_\u00e4"}', 'latin1');
  const file = join(root, 'site/.signalbox/context.json');
  writeFileSync(file, context, { mode: 0o600 });
  const find = (flags: SiteFlags) => () => findSite(flags, around('site'), () => undefined);
  const refused = { code: 'bad-context', message: `${file} is not JSON in UTF-8` };
  expect(find({})).toThrow(expect.objectContaining(refused));

  const stored = join(root, 'home/.config/signalbox/contexts.json');
  mkdirSync(join(stored, '..'), { recursive: true });
  writeFileSync(stored, context, { mode: 0o600 });
  expect(find({ context: 'name' })).toThrow(expect.objectContaining({ code: 'bad-context' }));
});

function write(path: string, context: object, mode = 0o600): string {
  const file = join(root, path);
  writeFileSync(file, JSON.stringify(context), { mode });
  chmodSync(file, mode);
  return file;
}

const contextOf = (name: string) => ({ name, url: `http://${name}:1/`, token: `sbx_${name}` });

describe('findSite', () => {
  const find = (flags: SiteFlags, cwd: string, env = {}) => {
    const warnings: string[] = [];
    const { name, url, token } = findSite(flags, around(cwd, env), (text) => warnings.push(text));
    expect(warnings).toEqual([]);
    return { name, url, token };
  };

  it('takes the nearest context file, then the one of the checkout', () => {
    write('checkout/.signalbox/context.json', contextOf('checkout'));
    expect(find({}, 'site/deep/er').name).toBe('checkout');
    write('site/.signalbox/context.json', contextOf('site'));
    expect(find({}, 'site/deep/er')).toEqual({ name: 'site', url: 'http://site:1', token: 'sbx_site' });
  });

  it('lets SIGNALBOX_CONTEXT, then --context, come first', () => {
    write('site/.signalbox/context.json', contextOf('site'));
    const env = { SIGNALBOX_CONTEXT: write('other/b.json', contextOf('b')) };
    write('other/context.json', contextOf('c'));
    expect(find({}, 'site', env).name).toBe('b');
    expect(find({ context: '../other/context.json' }, 'site', env).name).toBe('c');
    expect(find({ context: '../other' }, 'site', env).name).toBe('c');
  });

  it('never sends a token of the environment to a site that --context names', () => {
    write('site/.signalbox/context.json', contextOf('site'));
    const env = { SIGNALBOX_TOKEN: 'sbx_env' };
    expect(find({}, 'site', env).token).toBe('sbx_env');
    expect(find({ context: './.signalbox' }, 'site', env).token).toBe('sbx_site');
    expect(find({ context: './.signalbox', token: 'sbx_flag' }, 'site', env).token).toBe('sbx_flag');
  });

  it('takes --url and SIGNALBOX_URL without any file, and without the token of a file', () => {
    write('site/.signalbox/context.json', contextOf('site'));
    expect(find({ url: 'http://x' }, 'site')).toEqual({ name: '-', url: 'http://x', token: '' });
    expect(find({}, 'site', { SIGNALBOX_URL: 'http://y', SIGNALBOX_TOKEN: 't' }).token).toBe('t');
  });

  it.each([
    [{ context: 'none' }, {}, 'the context "none"'],
    [{ context: './none.json' }, {}, 'none.json (--context)'],
    [{}, { SIGNALBOX_CONTEXT: 'gone.json' }, 'gone.json (SIGNALBOX_CONTEXT)'],
  ])('does not fall back from what was named: %j %j', (flags, env, message) => {
    write('site/.signalbox/context.json', contextOf('site'));
    expect(() => find(flags, 'site', env)).toThrow(message);
  });

  it('refuses a file that is no context', () => {
    write('site/.signalbox/context.json', { url: 7, token: 'sbx_' });
    expect(() => find({}, 'site')).toThrow('is not a context');
  });

  it('warns of a file that others can read', () => {
    write('site/.signalbox/context.json', contextOf('site'), 0o644);
    const warnings: string[] = [];
    findSite({}, around('site'), (text) => warnings.push(text));
    expect(warnings).toEqual([expect.stringContaining('others can read it: chmod 600 it')]);
  });
});

describe('signalbox context', () => {
  const signalbox = (line: string, given = {}) =>
    runCommand(line.split(' '), { ...around('other'), ...given });
  const stored = () => join(root, 'home/.config/signalbox/contexts.json');

  it('adds, lists, uses and shows contexts', async () => {
    expect((await signalbox('context add a --url http://a:1 --token sbx_aaaaaaaaaaaa')).code).toBe(0);
    await signalbox('context add b --url http://b:1 --token - --plugin-dir /p', {
      stdin: 'sbx_bbbbbbbbbbbb\n',
    });
    expect(statSync(stored()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(stored(), 'utf8'))).toEqual({
      contexts: {
        a: { url: 'http://a:1', token: 'sbx_aaaaaaaaaaaa' },
        b: { url: 'http://b:1', token: 'sbx_bbbbbbbbbbbb', pluginDir: '/p' },
      },
    });
    expect((await signalbox('context use b')).err).toBe('');
    expect((await signalbox('context list')).out).toBe(
      'CURRENT  NAME  URL\n-        a     http://a:1\n*        b     http://b:1\n',
    );
    const shown = JSON.parse((await signalbox('context show -o json')).out) as object;
    expect(shown).toEqual({
      name: 'b',
      url: 'http://b:1',
      token: 'sbx_bbbb…',
      from: stored(),
      pluginDir: '/p',
    });
    expect((await signalbox('context show --context a')).out).toContain('URL:         http://a:1\n');
  });

  it('X44 a chosen context comes before the site of a checkout, until none is chosen', async () => {
    await signalbox('context add a --url http://a:1 --token sbx_a');
    const near = write('checkout/.signalbox/context.json', contextOf('checkout'));
    const from = async () => (JSON.parse((await signalbox('context show -o json')).out) as Site).from;
    expect(await from()).toBe(near);
    expect((await signalbox('context list')).err).toBe(
      `signalbox: here ${near} is used: http://checkout:1\n`,
    );
    await signalbox('context use a');
    expect(await from()).toBe(stored());
    expect((await signalbox('context list')).err).toBe('');
    await signalbox('context use --none');
    expect(await from()).toBe(near);
  });

  it('X44 use fails where it would have no effect', async () => {
    await signalbox('context add a --url http://a:1 --token sbx_a');
    const { code, err } = await signalbox('context use a', { env: { SIGNALBOX_URL: 'http://b:1' } });
    expect(code).toBe(1);
    expect(err).toContain('SIGNALBOX_URL is set and comes first: nothing was chosen');
    expect(JSON.parse(readFileSync(stored(), 'utf8'))).not.toHaveProperty('current');
  });

  it.each([
    ['context use nobody', 4],
    ['context use', 2],
    ['context use a --none', 2],
    ['context add a --token sbx_a', 2],
    ['context add a --url http://a:1', 2],
    ['context add ../a --url http://a:1 --token sbx_a', 2],
  ])('%s ends with %i', async (line, code) => {
    expect((await signalbox(line)).code).toBe(code);
  });

  it('fills pluginDir and secretDir of an applied file from the context', async () => {
    write('other/site.yaml', {});
    writeFileSync(join(root, 'other/site.yaml'), '${pluginDir} ${nope}');
    mkdirSync(join(root, 'other/.signalbox'));
    write('other/.signalbox/context.json', { ...contextOf('x'), pluginDir: '/p' });
    const { err } = await signalbox('apply -f site.yaml');
    expect(err).toContain('site.yaml: no value for ${nope}');
    expect(err).not.toContain('pluginDir');
  });
});
