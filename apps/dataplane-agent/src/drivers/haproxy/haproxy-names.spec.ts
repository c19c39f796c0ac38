import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ownerProxy, poolProxyName, proxyName, serverIds, serverName } from './haproxy-names.js';

/** What HAProxy takes in a name. */
const SAFE = /^[A-Za-z0-9_.:-]{1,120}$/;

describe('names in the file of HAProxy', () => {
  it.each([
    ['web', 'web'],
    ['lab/web-1.eu_x', 'lab:2fweb-1.eu_x'],
    ['a b:c', 'a:20b:3ac'],
    ['größe', 'gr:c3:b6:c3:9fe'],
  ])('of listener %s: %s', (name, encoded) => expect(proxyName(name)).toBe(encoded));

  it('are safe and differ for any two listeners', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 253 });
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(proxyName(one)).toMatch(SAFE);
        if (one !== other) expect(proxyName(one)).not.toBe(proxyName(other));
      }),
    );
  });

  it('differ for long listeners that differ at their end', () => {
    const long = '/'.repeat(252);
    expect(proxyName(`${long}a`)).toMatch(SAFE);
    expect(proxyName(`${long}a`)).not.toBe(proxyName(`${long}b`));
  });

  it('of policy pools tell the listener, and differ from all others', () => {
    expect(poolProxyName('lab/web', 'the api')).toBe('lab:2fweb:00the:20api');
    const name = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 253 }).filter((text) => !text.includes('\0')),
      fc.constantFrom(
        'a',
        'a:00b',
        ':',
        ':00',
        '/'.repeat(253),
        `${'/'.repeat(252)}a`,
        `${'a'.repeat(101)}/`,
      ),
    );
    fc.assert(
      fc.property(fc.tuple(name, name), fc.tuple(name, name), (one, other) => {
        const [listener, pool] = one;
        const proxy = poolProxyName(listener, pool);
        expect(proxy).toMatch(/^[A-Za-z0-9_.:-]{1,243}$/);
        expect(ownerProxy(proxy)).toBe(proxyName(listener));
        expect(ownerProxy(proxyName(listener))).toBe(proxyName(listener));
        expect(proxy).not.toBe(proxyName(pool));
        if (JSON.stringify(one) !== JSON.stringify(other)) expect(poolProxyName(...other)).not.toBe(proxy);
      }),
    );
  });

  it('of servers are their places', () => {
    expect(serverName({ address: '10.0.0.1', port: 80 })).toBe('10.0.0.1:80');
    expect(serverName({ address: '2001:db8::1', port: 80 })).toBe('2001:db8::1:80');
  });
});

describe('ids of servers', () => {
  const place = fc.record({ address: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }) });
  const places = fc.uniqueArray(place, { selector: serverName, maxLength: 50 });

  it('are unique, in the range of HAProxy, and the same in any order', () => {
    fc.assert(
      fc.property(places, (given) => {
        const ids = serverIds(given);
        expect(new Set(ids.values()).size).toBe(given.length);
        for (const id of ids.values()) expect(id > 0 && id < 2 ** 31).toBe(true);
        expect(serverIds([...given].reverse())).toEqual(ids);
      }),
    );
  });

  it('stay when other servers come and go', () => {
    fc.assert(
      fc.property(places, (given) => {
        const ids = serverIds(given);
        const fewer = given.slice(1);
        for (const [name, id] of serverIds(fewer)) expect(ids.get(name)).toBe(id);
      }),
    );
  });
});
