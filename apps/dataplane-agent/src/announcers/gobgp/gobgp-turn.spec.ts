import { describe, expect, it } from '@jest/globals';
import type { BgpRoute } from '../bgp/bgp-routes.js';
import { pathOf, pathText } from './gobgp-path.js';
import { planTurn } from './gobgp-turn.js';

function route(address: string, changes: Partial<BgpRoute> = {}): BgpRoute {
  return { address, peers: ['a', 'b'], communities: [], ...changes };
}

/** What gobgpd has of routes. */
function standing(...routes: readonly BgpRoute[]) {
  return new Map(routes.map((one) => [one.address, pathOf(one)]));
}

function told(address: string, ...to: readonly string[]) {
  return { address, state: 'announced' as const, to };
}

const [ONE, TWO] = [route('192.0.2.1'), route('2001:db8::2')];
const NOTHING = { withdrawn: [], announced: [], isToldAgain: false };

describe('the way from routes that stand to the wanted ones', () => {
  it('is nothing when they are the same', () => {
    expect(planTurn(standing(ONE, TWO), [ONE, TWO], [])).toEqual(NOTHING);
  });

  it('withdraws what is not wanted, announces what is new or otherwise', () => {
    const other = route('2001:db8::2', { med: 5 });
    const third = route('192.0.2.3');
    expect(planTurn(standing(ONE, TWO), [other, third], [])).toEqual({
      ...{ withdrawn: [pathOf(ONE)], announced: [pathOf(other), pathOf(third)], isToldAgain: false },
    });
  });

  it('withdraws a route that a peer shall lose, and announces it again', () => {
    const less = route('192.0.2.1', { peers: ['b'] });
    expect(planTurn(standing(ONE), [less], [told('192.0.2.1', 'a', 'b')])).toEqual({
      ...{ withdrawn: [pathOf(ONE)], announced: [pathOf(less)], isToldAgain: false },
    });
  });

  it('has a route told again that a peer shall get as well', () => {
    expect(planTurn(standing(ONE), [ONE], [told('192.0.2.1', 'a')])).toEqual({
      ...NOTHING,
      isToldAgain: true,
    });
    expect(planTurn(standing(ONE), [ONE], [told('192.0.2.1', 'a', 'b')])).toEqual(NOTHING);
  });
});

describe('the path of a VIP', () => {
  const rich = route('192.0.2.1', {
    ...{ med: 4_294_967_295, localPref: 0 },
    communities: [
      [65_535, 65_281],
      [65_000, 1, 2],
    ],
  });

  it('is told apart by its attributes alone', () => {
    expect(pathText(pathOf(rich))).toBe(pathText(pathOf({ ...rich, address: '192.0.2.2', peers: ['c'] })));
    const others = [{ med: 1 }, { localPref: 1 }, { communities: [] }, { communities: [[65_000, 1, 3]] }];
    for (const other of others)
      expect(pathText(pathOf({ ...rich, ...other }))).not.toBe(pathText(pathOf(rich)));
  });

  it('is in the words of gobgpd', () => {
    const { nlri, pattrs, family } = pathOf(rich);
    const bytes = (one: { readonly typeUrl: string; readonly value: Uint8Array }) =>
      `${one.typeUrl} ${Buffer.from(one.value).toString('hex')}`;
    // by hand, after the encoding of protocol buffers: keys are number * 8 + kind
    expect(bytes(nlri)).toBe(
      `type.googleapis.com/apipb.IPAddressPrefix 08201209${Buffer.from('192.0.2.1').toString('hex')}`,
    );
    expect(pattrs.map(bytes)).toEqual([
      'type.googleapis.com/apipb.OriginAttribute 0800',
      `type.googleapis.com/apipb.NextHopAttribute 0a07${Buffer.from('0.0.0.0').toString('hex')}`,
      'type.googleapis.com/apipb.MultiExitDiscAttribute 08ffffffff0f',
      'type.googleapis.com/apipb.LocalPrefAttribute 0800',
      'type.googleapis.com/apipb.CommunitiesAttribute 0a0581feffff0f',
      'type.googleapis.com/apipb.LargeCommunitiesAttribute 0a0808e8fb0310011802',
    ]);
    expect(family).toEqual({ afi: 1, safi: 1 });
  });
});
