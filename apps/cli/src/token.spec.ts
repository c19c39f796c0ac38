import { describe, expect, it } from '@jest/globals';
import { ROLES } from '@signalbox/contracts';
import { TOKEN_ROLES } from './commands/token.js';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const TOKEN = {
  ...{ id: 'tok-1', name: 'ci', role: 'author' as const, projects: ['lab'] },
  ...{ createdAt: '2026-05-30T11:00:00.000Z', expiresAt: '2027-01-31T00:00:00.000Z' },
};

describe('token', () => {
  it('knows the roles that there are', () => {
    expect(TOKEN_ROLES).toEqual(ROLES);
  });

  it('create sends what it may do, and prints it this once', async () => {
    cli.site.on('POST /v1/tokens', { status: 201, body: { ...TOKEN, token: 'sbx_new' } });
    const { code, out, err } = await signalbox(
      'token create ci --role author --for-project lab --expires 2027-01-31T00:00:00Z',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^token +sbx_new$/m);
    expect(JSON.parse(cli.site.requests[0]!.body)).toEqual({
      ...{ name: 'ci', role: 'author', projects: ['lab'], expiresAt: '2027-01-31T00:00:00Z' },
    });
  });

  it('create refuses a role that there is not, and sends nothing', async () => {
    expect(await signalbox('token create ci --role root')).toMatchObject({ code: 2, out: '' });
    expect(cli.site.requests).toEqual([]);
  });

  it('list tells where each reaches', async () => {
    const service = { ...TOKEN, id: 'tok-2', name: 'dhcp', projects: undefined, emits: ['default'] };
    cli.site.on('GET /v1/tokens', { body: { items: [TOKEN, service, { ...TOKEN, projects: undefined }] } });
    const { out } = await signalbox('token list');
    expect(out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toMatchObject([
      'ID | NAME | ROLE | REACH | USED | EXPIRES',
      expect.stringContaining('tok-1 | ci | author | lab |'),
      expect.stringContaining('tok-2 | dhcp | author | emits to default |'),
      expect.stringContaining('| author | all of the site |'),
      '',
    ]);
  });

  it('rotate prints the new one, revoke ends one', async () => {
    cli.site.on('POST /v1/tokens/tok-1/rotate', { body: { ...TOKEN, id: 'tok-9', token: 'sbx_other' } });
    expect((await signalbox('token rotate tok-1')).out).toContain('sbx_other');
    cli.site.on('DELETE /v1/tokens/tok-1', { status: 204 });
    expect(await signalbox('token revoke tok-1')).toEqual({
      code: 0,
      out: 'token tok-1 is revoked\n',
      err: '',
    });
  });

  it('that is not there, and a caller who may not', async () => {
    cli.site.on('DELETE /v1/tokens/none', problem(404, 'not-found', 'there is no token none'));
    expect(await signalbox('token revoke none')).toMatchObject({ code: 4 });
    cli.site.on('GET /v1/tokens', problem(403, 'forbidden', 'needs the role admin'));
    expect(await signalbox('token list')).toMatchObject({ code: 7 });
  });
});

describe('whoami', () => {
  it('says who the site takes one for', async () => {
    cli.site.on('GET /v1/whoami', { body: { subject: 'token:tok-1', name: 'ann', role: 'operator' } });
    const { out } = await signalbox('whoami');
    expect(out).toMatch(/^name +ann\nsubject +token:tok-1\nrole +operator\nreach +all of the site$/m);
  });
});
