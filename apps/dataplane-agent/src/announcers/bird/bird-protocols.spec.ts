import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT } from '@signalbox/testing';
import { type Answer, AnswerReader } from './bird-answers.js';
import { readBfd, readHostRoutes, readProtocols } from './bird-protocols.js';

/** What BIRD 2.0.12 said: a link without an address of IPv6, one router that is there, and one that is not. */
function recorded(name: string): Answer {
  const path = join(CHECKOUT, 'apps/dataplane-agent/src/announcers/bird', `${name}.golden.txt`);
  return new AnswerReader().take(readFileSync(path, 'utf8'))[0] ?? [];
}

describe('what BIRD says of its protocols', () => {
  it('is read as the real program writes it', () => {
    const protocols = readProtocols(recorded('show-protocols'));
    expect(protocols.map(({ name, type, state }) => `${name} ${type} ${state}`)).toEqual([
      'sb_bfd BFD up',
      'sb_vip4 Static up',
      'sb_vip6 Static up',
      'sb_tor1 BGP up',
      'sb_bgp_tor_b BGP start',
    ]);
    expect(protocols[3]).toMatchObject({
      ...{ info: 'Established', description: 'tor-1', neighbor: '10.9.0.1' },
      // over the other nothing is sent, for want of a next hop
      channels: ['ipv4'],
    });
    expect(protocols[4]).toMatchObject({ description: 'tor-b', neighbor: '10.9.0.77', channels: [] });
  });

  it('has times of one word or of two, and mistakes behind them', () => {
    const line = (time: string) => ({ code: 1002, text: `sb_bgp_a BGP --- start ${time} Active Error: x y` });
    for (const time of ['21:52:45.041', '2026-11-30 21:52:45'])
      expect(readProtocols([line(time)])[0]?.info).toBe('Active Error: x y');
  });

  it('names the last error of a session', () => {
    const answer = [
      { code: 1002, text: 'sb_bgp_a   BGP        ---        start  21:52:45.041  Active' },
      { code: 1006, text: '    Last error:       Socket: Connection closed' },
    ];
    expect(readProtocols(answer)[0]?.lastError).toBe('Socket: Connection closed');
  });

  it('tells of BFD who is reached', () => {
    expect(readBfd(recorded('show-bfd-sessions'))).toEqual(
      new Map([
        ['10.9.0.1', true],
        ['10.9.0.77', false],
      ]),
    );
    expect(readBfd([{ code: 9001, text: 'There is no BFD protocol running' }])).toEqual(new Map());
  });

  it('tells routes of hosts, and no others', () => {
    const lines = [
      ' 192.0.2.11/32        blackhole [sb_vip4 21:51:50.191] * (200)',
      '2001:db8::10/128     blackhole [sb_vip6 21:51:50.191] * (200)',
      '192.0.2.0/24         blackhole [sb_vip4 21:51:50.191] * (200)',
      'Table sb_vips4:',
    ];
    expect(readHostRoutes(lines.map((text) => ({ code: 1007, text })))).toEqual([
      '192.0.2.11',
      '2001:db8::10',
    ]);
  });
});
