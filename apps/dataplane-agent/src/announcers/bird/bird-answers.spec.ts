import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerReader, mistakeIn, textsOf } from './bird-answers.js';

const ROUTES =
  '1007-Table sb_vips4:\n 192.0.2.11/32        blackhole [sb_vip4 21:51:50.191] * (200)\n0000 \n';

describe('answers of BIRD', () => {
  it('end with four digits and a blank; lines that begin with a blank have the code before them', () => {
    expect(new AnswerReader().take(ROUTES)).toEqual([
      [
        { code: 1007, text: 'Table sb_vips4:' },
        { code: 1007, text: '192.0.2.11/32        blackhole [sb_vip4 21:51:50.191] * (200)' },
        { code: 0, text: '' },
      ],
    ]);
  });

  it('are the same in whatever pieces they come', () => {
    const whole = `0001 BIRD 2.0.12 ready.\n${ROUTES}+sb_bgp_tor_a: State changed to up\n0023 ab\n`;
    const echoed: string[] = [];
    const wanted = new AnswerReader((line) => echoed.push(line)).take(whole);
    expect(wanted).toHaveLength(3);
    expect(echoed).toEqual(['sb_bgp_tor_a: State changed to up']);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const reader = new AnswerReader();
        const places = [0, ...cuts, whole.length].sort((a, b) => a - b);
        const parts = places.slice(1).map((end, at) => whole.slice(places[at], end));
        expect(parts.flatMap((part) => reader.take(part))).toEqual(wanted);
        expect(reader.held).toBe(0);
      }),
    );
  });

  it('say what is wrong, and where', () => {
    const text = '0002-Reading configuration from n.conf\n8002 /etc/bird/signalbox.conf:22:1 syntax error\n';
    const [answer = []] = new AnswerReader().take(text);
    expect(mistakeIn(answer)).toEqual({ code: 8002, text: '/etc/bird/signalbox.conf:22:1 syntax error' });
    expect(textsOf(answer, 2)).toEqual(['Reading configuration from n.conf']);
    expect(mistakeIn([{ code: 3, text: 'Reconfigured' }])).toBeUndefined();
  });
});
