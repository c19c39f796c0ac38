import { describe, expect, it } from '@jest/globals';
import { APPLIED } from './testing/sample-site.fixture.js';

import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

describe('apply and delete', () => {
  it('sends stdin with its variables filled and prints the plan', async () => {
    cli.site.on('POST /v1/apply', { body: APPLIED });
    const { code, out } = await signalbox('apply -f - --var port=1 host=a=b --set edge -m why', {
      stdin: 'a: ${port} ${host}\n',
    });
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
     "+ EventGroup/cloudedge
     ~ EventPeer/edge
         /spec/endpoint: "http://a" → "http://b"
         /spec/maxInFlight: (absent) → 8
     - Plugin/lab/old
     revision 7, generation 3: 1 added, 1 changed, 1 removed, 1 unchanged
     "
    `);
    expect(cli.site.requests[0]).toMatchObject({
      url: '/v1/apply?set=edge&message=why',
      body: 'a: 1 a=b\n',
      headers: { 'content-type': 'application/yaml' },
    });
  });

  it('D19 diff is a dry run that ends with 1 when something would change, and with another code when it fails', async () => {
    cli.site.on('POST /v1/apply', { body: { ...APPLIED, dryRun: true } });
    const { code, out } = await signalbox('diff -f - --set edge', { stdin: 'a: 1\n' });
    expect(code).toBe(1);
    expect(out).toContain('dry run at revision 7, nothing was written: 1 added, 1 changed, 1 removed');
    expect(cli.site.requests[0]?.url).toBe('/v1/apply?dryRun=true&set=edge');
    cli.site.on('POST /v1/apply', { body: { ...APPLIED, changed: false, dryRun: true, plan: [] } });
    expect((await signalbox('diff -f -', { stdin: 'a: 1\n' })).code).toBe(0);
    cli.site.on('POST /v1/apply', problem(422, 'validation-failed', 'EventPeer/x is not valid'));
    expect(await signalbox('diff -f -', { stdin: 'a: 1\n' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('validation-failed: EventPeer/x is not valid'),
    });
    expect((await signalbox('diff -f gone.yaml')).code).toBe(2);
  });

  it('hands on how long to wait, and refuses what is no duration', async () => {
    cli.site.on('POST /v1/apply', { body: APPLIED });
    expect((await signalbox('apply -f - --wait 30s')).code).toBe(0);
    expect(cli.site.requests[0]!.url).toBe('/v1/apply?wait=30s');
    expect(await signalbox('apply -f - --wait soon')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--wait: "soon" is not a duration'),
    });
    expect(cli.site.requests).toHaveLength(1);
  });

  it('says who is still to follow after a 202', async () => {
    const body = { ...APPLIED, plan: [], pending: true, waitingFor: ['matcher', 'renderer'] };
    cli.site.on('POST /v1/apply', { status: 202, body });
    expect(await signalbox('apply -f -')).toEqual({
      code: 0,
      out: `revision 7, generation 3: nothing to do
pending: the change is recorded; still to follow it: matcher, renderer
`,
      err: '',
    });
    expect(JSON.parse((await signalbox('apply -f - -o json')).out)).toEqual(body);
  });

  it('prints the plan of a dry run', async () => {
    cli.site.on('POST /v1/apply', { body: { ...APPLIED, dryRun: true } });
    const { out } = await signalbox('apply -f - --dry-run');
    expect(out).toContain(
      'dry run at revision 7, nothing was written: 1 added, 1 changed, 1 removed, 1 unchanged',
    );
    expect(cli.site.requests[0]?.url).toBe('/v1/apply?dryRun=true');
  });

  it('does not send a file whose variables are not all filled', async () => {
    const { code, err } = await signalbox('apply -f -', { stdin: '${peerUrl}' });
    expect(code).toBe(1);
    expect(err).toMatch(/^signalbox: unfilled-variable: stdin: .*\$\{peerUrl\}[^]*\nnext: /);
    expect(cli.site.requests).toEqual([]);
  });

  it('deletes a resource, at a revision when asked', async () => {
    cli.site.on('DELETE /v1/resources/EventPeer/edge', {
      body: { ...APPLIED, plan: APPLIED.plan.slice(2, 3) },
    });
    const { code, out } = await signalbox('delete EventPeer edge --if-revision 7 --project lab');
    expect({ code, out }).toEqual({
      code: 0,
      out: '- Plugin/lab/old\nrevision 7, generation 3: 1 removed\n',
    });
    expect(cli.site.requests[0]).toMatchObject({
      url: '/v1/resources/EventPeer/edge?project=lab',
      headers: { 'if-match': '"7"' },
    });
  });
});
