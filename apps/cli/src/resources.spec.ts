import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';
import type { ResourceItem } from './rest/answers.js';

const cli = stubbedCli();
const CONDITION = {
  type: 'WithoutEffect',
  status: 'True',
  reason: 'accepted-without-effect',
  message: 'facts are not pruned',
  pointer: '/spec/retention',
} as const;
const item = (kind: string, name: string, apiVersion = 'federation.routerd.net/v1alpha1'): ResourceItem => ({
  resource: { apiVersion, kind, metadata: { name }, spec: { nodeName: 'a' } },
  revision: 7,
  set: null,
  status: { conditions: [CONDITION] },
});

describe('resources', () => {
  it('X10 what has no effect is marked in the table, told by describe and in the yaml', async () => {
    cli.site.on('GET /v1/resources/EventGroup/x', { body: item('EventGroup', 'x') });
    expect((await cli.signalbox('get EventGroup x')).out).toMatch(/CONDITIONS\n.*WithoutEffect$/m);
    expect((await cli.signalbox('describe EventGroup x')).out).toContain(
      'Conditions:\n  WithoutEffect accepted-without-effect /spec/retention: facts are not pruned\nSpec:\n  nodeName: a\n',
    );
    const { out } = await cli.signalbox('get EventGroup x -o yaml');
    const [document] = parseAllDocuments(out);
    expect(document?.toJS()).toEqual({
      ...item('EventGroup', 'x').resource,
      status: { revision: 7, conditions: [CONDITION] },
    });
  });

  it('X10 a list as yaml is one manifest after the other', async () => {
    cli.site.on('GET /v1/resources', { body: { items: [item('EventGroup', 'a'), item('EventGroup', 'b')] } });
    const { out } = await cli.signalbox('get EventGroup -o yaml');
    const names = parseAllDocuments(out).map((one) => (one.toJS() as ResourceItem['resource']).metadata.name);
    expect(names).toEqual(['a', 'b']);
  });

  it('X10 apply tells what has no effect', async () => {
    const warning = { ...item('EventGroup', 'x').resource, project: 'default', name: 'x' };
    cli.site.on('POST /v1/apply', {
      body: {
        revision: 8,
        changed: true,
        dryRun: false,
        pending: false,
        generation: 1,
        plan: [],
        warnings: [{ ...warning, pointer: '/spec/retention', reason: 'r', message: 'facts are not pruned' }],
      },
    });
    const { out } = await cli.signalbox('apply -f -', { stdin: 'a: 1' });
    expect(out).toContain('! EventGroup/x /spec/retention: facts are not pruned\n');
  });

  it('X9 kinds of one name in several groups carry their group', async () => {
    const items = [
      item('HealthCheck', 'a', 'balance.signalbox.dev/v1alpha1'),
      item('HealthCheck', 'a', 'net.routerd.net/v1alpha1'),
    ];
    cli.site.on('GET /v1/resources', { body: { items } });
    const { out } = await cli.signalbox('get HealthCheck');
    expect(out).toMatch(/^HealthCheck\.balance\.signalbox\.dev .*\nHealthCheck\.net\.routerd\.net /m);
  });

  it('X43 a kind that nobody knows ends with 4', async () => {
    cli.site.on(
      'GET /v1/resources',
      problem(404, 'not-found', 'there is no kind EventGrup: did you mean EventGroup?'),
    );
    const { code, err } = await cli.signalbox('get EventGrup');
    expect(code).toBe(4);
    expect(err).toContain('did you mean EventGroup?');
  });

  it('deletes with what only serves a resource when told so', async () => {
    cli.site.on('DELETE /v1/resources/LoadBalancer/shop', { status: 204 });
    expect(await cli.signalbox('delete LoadBalancer shop --cascade')).toMatchObject({ code: 0, err: '' });
    expect(cli.site.requests.at(-1)?.url).toBe('/v1/resources/LoadBalancer/shop?cascade=true');
  });

  it.each(['a/b', 'a%2Fb', 'a?b', 'a#b', 'ü', 'n'.repeat(253)])(
    'X14 the name %s reaches the site whole',
    async (name) => {
      const path = `/v1/resources/PoolMember/${encodeURIComponent(name)}`;
      cli.site.on(`GET ${path}`, { body: item('PoolMember', name) });
      expect(await cli.signalbox(`describe PoolMember ${name}`)).toMatchObject({ code: 0, err: '' });
      cli.site.on(`DELETE ${path}`, { status: 204 });
      expect(await cli.signalbox(`delete PoolMember ${name}`)).toMatchObject({ code: 0, err: '' });
    },
  );
});
