import { describe, expect, it } from '@jest/globals';
import { DIFF, FULL_PART, HELD_BACK, PART, ROUTER } from './testing/sample-bodies.fixture.js';

import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

describe('dynamic', () => {
  it('describe prints every generation of a source', async () => {
    const items = [FULL_PART, { ...PART, generation: 2, state: 'active', expiresAt: '2026-05-30T12:00:00Z' }];
    cli.site.on('GET /v1/parts', { body: { items } });
    const { code, out } = await signalbox('dynamic describe a/b');
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    expect(cli.site.requests[0]?.url).toBe('/v1/parts?source=a%2Fb&full=true');
  });

  it('describe of an unknown source is not found', async () => {
    cli.site.on('GET /v1/parts', { body: { items: [] } });
    expect(await signalbox('dynamic describe a/b')).toEqual({
      code: 4,
      out: '',
      err: 'signalbox: not-found: no part has the source "a/b"\nnext: signalbox dynamic list\n',
    });
  });

  it('render prints the Router document as YAML or JSON', async () => {
    cli.site.on('GET /v1/effective-config', { body: ROUTER });
    const { code, out } = await signalbox('dynamic render');
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    expect(JSON.parse((await signalbox('dynamic render -o json')).out)).toEqual(ROUTER);
  });

  it('render with quarantined parts prints the document and exits 3', async () => {
    const annotations = { ...ROUTER.metadata.annotations, 'signalbox.dev/quarantined': '1' };
    cli.site.on('GET /v1/effective-config', {
      body: { ...ROUTER, metadata: { name: 'effective', annotations } },
    });
    cli.site.on('GET /v1/effective-config/diff', { body: { ...DIFF, quarantined: [HELD_BACK] } });
    const { code, out, err } = await signalbox('dynamic render');
    expect(code).toBe(3);
    expect(out).toContain('kind: RemoteAddressClaim');
    expect(err).toMatchInlineSnapshot(`
     "signalbox: quarantined: 1 part is held back
       EventSubscription/other/ffff generation 2: startup-conflict: RemoteAddressClaim/a is declared by people
     next: signalbox dynamic list --state quarantined
     "
    `);
  });

  it('diff shows what parts add, mask and fail to bring', async () => {
    const mask = {
      apiVersion: 'net.routerd.net/v1alpha1',
      kind: 'StaticRoute',
      project: 'default',
      name: 'old',
      maskedBy: 'DynamicConfigPart/a',
      maskedUntil: '2026-05-30T12:30:00Z',
      reason: 'moved',
    };
    cli.site.on('GET /v1/effective-config/diff', {
      body: { ...DIFF, suppressed: [mask], quarantined: [HELD_BACK] },
    });
    expect((await signalbox('dynamic diff')).out).toMatchInlineSnapshot(`
     "+ hybrid.routerd.net/v1alpha1/RemoteAddressClaim/onprem-10-88-60-9 source=EventSubscription/address-claims/0123456789abcdef generation=3
     - net.routerd.net/v1alpha1/StaticRoute/old maskedBy=DynamicConfigPart/a maskedUntil=2026-05-30T12:30:00Z reason=moved
     ! source=EventSubscription/other/ffff generation=2 quarantined: startup-conflict: RemoteAddressClaim/a is declared by people
     "
    `);
    expect((await signalbox('dynamic diff', { tty: true })).out).toContain('\u001B[32m+ hybrid');
    expect((await signalbox('dynamic diff --color=false', { tty: true })).out).not.toContain('\u001B');
  });

  it('diff says when there are no changes', async () => {
    cli.site.on('GET /v1/effective-config/diff', { body: { ...DIFF, addedResources: [] } });
    expect((await signalbox('dynamic diff')).out).toBe('no changes: parts add and mask nothing\n');
  });

  it('D19 render --at asks for the moment, and says what was held back', async () => {
    const annotations = { ...ROUTER.metadata.annotations, 'signalbox.dev/quarantined': '2' };
    const body = { ...ROUTER, metadata: { name: 'effective', annotations } };
    cli.site.on('GET /v1/effective-config', { body });
    const { code, err } = await signalbox('dynamic render --at 2h');
    expect([code, err]).toEqual([3, 'signalbox: quarantined: 2 parts were held back\n']);
    expect(cli.site.requests.map(({ url }) => url)).toEqual(['/v1/effective-config?at=2h']);
  });

  it('D19 diff --from tells what changed, field by field', async () => {
    const moment = { at: '2026-05-30T12:00:00.000Z', digest: 'd' };
    const ref = { apiVersion: 'net.routerd.net/v1alpha1', kind: 'StaticRoute', project: 'default' };
    const items = [
      { action: 'added', ...ref, name: 'new', source: 'EventSubscription/s/1' },
      {
        action: 'changed',
        ...ref,
        name: 'moved',
        revision: 3,
        fields: [{ path: '/spec/via', from: '10.0.0.1', to: '10.0.0.2' }],
      },
      { action: 'removed', ...ref, name: 'old' },
    ];
    const answer = {
      from: { generation: 4, ...moment },
      to: { generation: 9, ...moment },
      items,
      next: 'c',
    };
    cli.site.on('GET /v1/effective-config/changes', { body: answer });
    const { code, out, err } = await signalbox('dynamic diff --from 4 --to 9 --limit 3');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
     "+ StaticRoute/new
     ~ StaticRoute/moved
         /spec/via: "10.0.0.1" → "10.0.0.2"
     - StaticRoute/old
     generation 4 (2026-05-30T12:00:00.000Z) → generation 9 (2026-05-30T12:00:00.000Z): 1 added, 1 changed, 1 removed
     "
    `);
    expect(err).toBe('signalbox: more follow: add --after c\n');
    expect(cli.site.requests[0]?.url).toBe('/v1/effective-config/changes?from=4&to=9&limit=3');
    expect(JSON.parse((await signalbox('dynamic diff --from 4 -o json')).out)).toEqual(answer);
  });

  it('D19 diff --to without --from is not understood', async () => {
    const { code, err } = await signalbox('dynamic diff --to 9');
    expect([code, err]).toEqual([
      2,
      'signalbox: usage: --to needs --from: from when on?\nnext: signalbox dynamic diff --help\n',
    ]);
  });
});
