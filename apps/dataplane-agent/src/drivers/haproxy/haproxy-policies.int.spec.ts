import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NodeListener, NodePolicy, NodeRule, RuleCompare, RuleType } from '@signalbox/contracts';
import { listenerOf } from '../contract/driver-stage.fixture.js';
import type { Place } from '../named-servers.fixture.js';
import { type EchoServer, startEcho } from './echo-server.fixture.js';
import { describeHaproxy } from './haproxy-stage.fixture.js';
import { ask } from './tls-clients.fixture.js';

/** What a client asks for. */
interface Wish {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Values that a text `find me` has in the ways of comparing, one that matches and one that does not. */
const COMPARED: Readonly<Record<RuleCompare, readonly [value: string, other: string]>> = {
  'equal-to': ['findme', 'find'],
  'starts-with': ['fin', 'ind'],
  'ends-with': ['dme', 'dm'],
  contains: ['ndm', 'nde'],
  regex: ['^f[i-k]nd(me)+$', '^f[a-c]nd'],
};

/** How a request has this text in what a rule of each type looks at. */
const HOLDS: Readonly<Record<RuleType, (text: string) => Wish>> = {
  'host-name': (text) => ({ headers: { host: `${text}:8080` } }),
  path: (text) => ({ path: `/${text}?${text}x` }),
  header: (text) => ({ headers: { 'x-which': text } }),
  cookie: (text) => ({ headers: { cookie: `a=b; which=${text}` } }),
  'file-type': (text) => ({ path: `/a.b/c.${text}?d=e.f` }),
};
const KEYS: Readonly<Partial<Record<RuleType, string>>> = { header: 'x-which', cookie: 'which' };
const TYPES = Object.keys(HOLDS) as RuleType[];
const COMPARES = Object.keys(COMPARED) as RuleCompare[];
const OF_FILE_TYPES: readonly RuleCompare[] = ['equal-to', 'regex'];

describeHaproxy('policies of HAProxy', (given) => {
  let server: EchoServer;
  beforeEach(async () => {
    server = await startEcho('a');
  });
  afterEach(() => server.close());

  const listener = (policies: readonly NodePolicy[], changes: Partial<NodeListener> = {}): NodeListener =>
    given().stage.listener({
      protocol: 'http',
      policies,
      targets: [{ address: server.address, port: server.port, weight: 100, flushes: 0 }],
      ...changes,
    });
  const statusOf = async (place: Place, wish: Wish): Promise<number> => (await ask(place, wish)).status;

  describe.each(TYPES)('a rule on %s', (type) => {
    const key = KEYS[type];
    const compares = COMPARES.filter((compare) => type !== 'file-type' || OF_FILE_TYPES.includes(compare));

    it('compares in every way, and inverted', async () => {
      // a path begins with a slash
      const lead = type === 'path' ? '/' : '';
      const ruleOf = (compare: RuleCompare, value: string): NodeRule => ({
        ...{ type, compare, value: withLead(compare, value, lead) },
        ...(key !== undefined && { key }),
      });
      for (const compare of compares) {
        const [value, other] = COMPARED[compare];
        const rule = ruleOf(compare, value);
        const found: Record<string, number> = {};
        for (const [name, tried] of Object.entries({
          'what it names': rule,
          'something else': ruleOf(compare, other),
          'what it names, inverted': { ...rule, invert: true } as const,
        })) {
          const place = await given().stage.serve(listener([{ name, action: 'reject', rules: [tried] }]));
          found[name] = await statusOf(place, HOLDS[type]('findme'));
        }
        expect({ compare, ...found }).toEqual({
          ...{ compare, 'what it names': 403, 'something else': 200, 'what it names, inverted': 200 },
        });
      }
    });

    it(`${type === 'host-name' || type === 'file-type' ? 'disregards' : 'heeds'} case`, async () => {
      const rule: NodeRule = {
        ...{ type, compare: 'equal-to', value: `${type === 'path' ? '/' : ''}findme` },
        ...(key !== undefined && { key }),
      };
      const place = await given().stage.serve(listener([{ name: 'p', action: 'reject', rules: [rule] }]));
      const expected = type === 'host-name' || type === 'file-type' ? 403 : 200;
      expect(await statusOf(place, HOLDS[type]('FindMe'))).toBe(expected);
    });
  });

  it('match when all their rules do, and what is not there matches inverted rules alone', async () => {
    const rules: NodeRule[] = [
      { type: 'path', compare: 'starts-with', value: '/admin' },
      { type: 'header', key: 'x-role', compare: 'equal-to', value: 'admin', invert: true },
    ];
    const place = await given().stage.serve(listener([{ name: 'p', action: 'reject', rules }]));
    expect(await statusOf(place, { path: '/admin/x' })).toBe(403);
    expect(await statusOf(place, { path: '/admin/x', headers: { 'x-role': 'admin' } })).toBe(200);
    expect(await statusOf(place, { path: '/' })).toBe(200);
  });

  it('redirect to a URL as it is written, and to a prefix with path and query of the request', async () => {
    const at = (value: string): NodeRule[] => [{ type: 'path', compare: 'starts-with', value }];
    const url = "https://www.example.net/%7Ea?b='c'&d=%[src]";
    const place = await given().stage.serve(
      listener([
        { ...{ name: 'url', action: 'redirect-to-url', url, code: 307 }, rules: at('/url') },
        ...([301, 302, 303, 308] as const).map((code): NodePolicy => ({
          ...{ name: `p${code}`, action: 'redirect-prefix', prefix: 'https://b.example/c/', code },
          rules: at(`/p${code}`),
        })),
      ]),
    );
    expect(await ask(place, { path: '/url?x=1' })).toMatchObject({ status: 307, headers: { location: url } });
    for (const code of [301, 302, 303, 308]) {
      expect(await ask(place, { path: `/p${code}/x?y=%20z` })).toMatchObject({
        status: code,
        headers: { location: `https://b.example/c/p${code}/x?y=%20z` },
      });
    }
    expect(await statusOf(place, { path: '/other' })).toBe(200);
  });

  it('are asked in their order, and what matches none goes on to a target', async () => {
    const to = (name: string, value: string): NodePolicy => ({
      ...{ name, action: 'redirect-to-url', url: `https://${name}.example/`, code: 302 },
      rules: [{ type: 'path', compare: 'starts-with', value }],
    });
    const locationOf = async (place: Place, path: string): Promise<unknown> =>
      (await ask(place, { path })).headers['location'];
    const [narrow, wide] = [to('narrow', '/a/b'), to('wide', '/a')];
    const first = await given().stage.serve(listener([narrow, wide]));
    expect(await locationOf(first, '/a/b')).toBe('https://narrow.example/');
    expect(await locationOf(first, '/a/c')).toBe('https://wide.example/');
    expect(await locationOf(first, '/d')).toBeUndefined();
    const turned = await given().stage.serve(listener([wide, narrow]));
    expect(await locationOf(turned, '/a/b')).toBe('https://wide.example/');
  });

  it('are looked at before our own headers are added', async () => {
    const rules: NodeRule[] = [
      { type: 'header', key: 'x-forwarded-proto', compare: 'equal-to', value: 'http' },
    ];
    const place = await given().stage.serve(
      listener([{ name: 'p', action: 'reject', rules }], { insertHeaders: ['X-Forwarded-Proto'] }),
    );
    expect(await statusOf(place, {})).toBe(200);
  });

  it('with 1,000 rules decide each request right', async () => {
    const policies = Array.from({ length: 100 }, (_none, at): NodePolicy => ({
      ...{ name: `p${at}`, action: 'redirect-to-url', url: `https://${at}.example/`, code: 302 },
      rules: Array.from({ length: 10 }, (_one, number): NodeRule =>
        number === 0
          ? { type: 'path', compare: 'equal-to', value: `/p${at}` }
          : { type: 'path', compare: 'regex', value: `^/x${at}y${number}$`, invert: true },
      ),
    }));
    const place = await given().stage.serve(listener(policies));
    for (const at of [0, 1, 57, 99]) {
      expect((await ask(place, { path: `/p${at}` })).headers['location']).toBe(`https://${at}.example/`);
    }
    expect(await statusOf(place, { path: '/p100' })).toBe(200);
    expect((await given().stage.apply(listener(policies))).writes).toBe(0);
  });

  it('that HAProxy does not understand are refused with their listener alone, and what served it goes on', async () => {
    const { stage } = given();
    const place = await stage.serve(listener([]), stage.listener({ name: 'other' }));
    // valid at apply, and too large a character for the engine of HAProxy
    const rules: NodeRule[] = [{ type: 'path', compare: 'regex', value: '\\x{1F600}' }];
    const odd = listener([{ name: 'p', action: 'reject', rules }]);
    const other = stage.listener({ name: 'other', targets: stage.targets([1, 0, 0]) });
    const result = await stage.apply(odd, other, stage.listener({ name: 'third' }));
    expect(listenerOf(result, 'web')).toMatchObject({
      state: 'refused',
      error: { code: 'data-plane-refused', message: expect.stringContaining('listener web') },
    });
    expect(result.listeners.map(({ state }) => state)).toEqual(['applied', 'applied', 'refused']);
    expect(await statusOf(place, {})).toBe(200);
    expect((await stage.apply(odd, other, stage.listener({ name: 'third' }))).writes).toBe(0);
    const good = listener([
      { name: 'p', action: 'reject', rules: [{ type: 'path', compare: 'equal-to', value: '/' }] },
    ]);
    expect(await statusOf(await stage.serve(good), {})).toBe(403);
  });
});

function withLead(compare: RuleCompare, value: string, lead: string): string {
  if (compare === 'ends-with' || compare === 'contains') return value;
  return compare === 'regex' ? value.replace('^', `^${lead}`) : lead + value;
}
