import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getLast } from '@signalbox/bus';
import { decodeChangeset, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { openApiDocument } from './openapi/document.js';
import type { SiteContext } from './start/context-file.js';
import { ApiSite } from './testing/api-site.fixture.js';

const START_MS = 300_000;

describe('first start', () => {
  let site: ApiSite;
  const printed: string[] = [];
  const context = (): SiteContext =>
    JSON.parse(readFileSync(join(site.config.stateDir, 'context.json'), 'utf8')) as SiteContext;

  beforeAll(async () => {
    site = await ApiSite.create();
    const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    await site.boot();
    stdout.mockRestore();
    site.useContext(context());
  }, START_MS);
  afterAll(() => site.destroy(), START_MS);

  it('declares the group default with our node name, expecting that there was nothing before', async () => {
    const first = await getLast(site.bus, STREAMS.journal, SUBJECTS.resources);
    expect(decodeChangeset(first!.data)).toMatchObject({
      author: 'signalbox',
      message: 'first start',
      changes: [
        {
          op: 'put',
          resource: { kind: 'EventGroup', metadata: { name: 'default' }, spec: { nodeName: 'edge-1.test' } },
        },
      ],
    });
  });

  it('keeps the token in a file that only its owner can read, and prints it once', () => {
    const file = join(site.config.stateDir, 'context.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(context()).toEqual({
      url: site.services.url,
      token: expect.stringMatching(/^sbx_.{43}$/),
      name: 'local',
      siteId: expect.stringMatching(/^[0-9a-f]{32}$/),
      pluginDir: '',
      secretDir: site.config.secretDir,
    });
    expect(printed).toEqual([`admin token (kept in ${file})\n`]);
  });

  it('is ready and tells its state', async () => {
    expect((await site.call('/readyz', { anonymous: true })).status).toBe(200);
    const { body } = await site.call('/v1/status');
    expect(body).toMatchObject({
      node: 'edge-1.test',
      groups: [{ name: 'default', nodeName: 'edge-1.test', stream: { messages: 0, bytes: 0, lastSeq: 0 } }],
      revision: 1,
      generation: 0,
      ready: true,
    });
  });

  it('refuses every route but /v1/site without a valid token', async () => {
    const { paths } = openApiDocument(site.services.app);
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        path: path.replace(/[{}]/g, ''),
      })),
    );
    expect(routes.length).toBeGreaterThanOrEqual(17);
    expect((await site.call('/v1/site', { anonymous: true })).body).toEqual({
      siteId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    for (const { method, path } of routes.filter((route) => route.path !== '/v1/site')) {
      for (const authorization of ['', 'Bearer', 'Bearer sbx_wrong', `Basic ${site.token}`]) {
        const { status, body } = await site.call(path, {
          method,
          anonymous: true,
          headers: { authorization },
        });
        expect({ method, path, authorization, status, code: body['code'] }).toEqual({
          method,
          path,
          authorization,
          status: 401,
          code: 'unauthorized',
        });
      }
    }
  });

  it('shows its OpenAPI document to whoever has the token, also by the dialog of a browser', async () => {
    const { status, body } = await site.call('/docs-json');
    expect(status).toBe(200);
    expect(body).toMatchObject({ openapi: '3.1.0', info: { title: 'Signalbox' } });
    const authorization = `Basic ${Buffer.from(`anyone:${site.token}`).toString('base64')}`;
    expect((await site.call('/docs', { anonymous: true, headers: { authorization } })).status).toBe(200);
    for (const path of ['/docs', '/docs/', '/docs-json', '/docs-yaml', '/docs/swagger-ui.css']) {
      expect({ path, status: (await site.call(path, { anonymous: true })).status }).toEqual({
        path,
        status: 401,
      });
    }
  });

  it('has the same group and token after a second start on another port', async () => {
    const before = { token: site.token, url: site.services.url };
    await site.shutDown();
    await site.boot();
    const after = context();
    expect(after.token).toBe(before.token);
    expect(after.url).toBe(site.services.url);
    expect((await site.call('/v1/status')).body).toMatchObject({ revision: 1, ready: true });
  });

  it('finds a token again that a crash left beside the context file, and forgets one that never became valid', async () => {
    const file = join(site.config.stateDir, 'context.json');
    await site.shutDown();
    renameSync(file, `${file}.proposed`);
    await site.boot();
    expect(context().token).toBe(site.token);

    await site.shutDown();
    writeFileSync(`${file}.proposed`, JSON.stringify({ ...context(), token: 'sbx_never' }));
    await site.boot();
    expect(context().token).toBe(site.token);
    expect(existsSync(`${file}.proposed`)).toBe(false);
  });

  it('hands facts to ingest when that is another process', async () => {
    const { createServer } = await import('node:http');
    const seen: object[] = [];
    const ingest = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen.push({
          method,
          url,
          authorization: headers.authorization,
          body: Buffer.concat(chunks).toString(),
        });
        response
          .writeHead(409, { 'content-type': 'application/problem+json' })
          .end('{"code":"content-conflict"}');
      });
    });
    await new Promise<void>((resolve) => ingest.listen(0, '127.0.0.1', resolve));
    const { port } = ingest.address() as { port: number };
    await site.shutDown();
    await site.boot({ ingestUrl: `http://127.0.0.1:${port}` });

    const send = (): ReturnType<ApiSite['call']> =>
      site.call('/v1/groups/default/events', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"any": "thing"}',
      });
    expect(await send()).toMatchObject({ status: 409, body: { code: 'content-conflict' } });
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/v1/groups/default/events',
        authorization: `Bearer ${site.token}`,
        body: '{"any": "thing"}',
      },
    ]);

    ingest.closeAllConnections();
    await new Promise((resolve) => ingest.close(resolve));
    expect(await send()).toMatchObject({ status: 503, body: { code: 'not-ready', retryable: true } });
  });
});
