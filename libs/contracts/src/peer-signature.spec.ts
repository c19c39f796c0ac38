import { describe, expect, it } from '@jest/globals';
import { CodedError } from './errors.js';
import { checkTimestamp, signBody, verifySignature } from './peer-signature.js';

const NOW_MS = 1_780_142_400_700;
const NOW_S = 1_780_142_400;
const WINDOW_MS = 5 * 60_000;
const BODY = Buffer.from('{"id":"evt-1","group":"cloudedge","type":"a.b"}');

const key = (text: string): Buffer => Buffer.from(text);

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CodedError) return `${error.status} ${error.code}`;
    throw error;
  }
  return 'no error';
}

describe('signBody', () => {
  it.each([
    {
      secret: key('correct horse battery staple'),
      timestamp: '1780142400',
      body: BODY,
      signature: '6f72da303310fbd907ce2dec23de8c63787a43633af7ec35dc6ec984420fe485',
    },
    {
      secret: key('k'),
      timestamp: '1780142400',
      body: Buffer.alloc(0),
      signature: '0e110571beed32c6f747d7f2077e8d6e6874c9e663e856ab4ebaa8219ee039b8',
    },
    {
      secret: key('k'),
      timestamp: '1780142401',
      body: Buffer.from('68c3a900ff', 'hex'),
      signature: 'd70d664c0f83cd74af78d366efdcf3500365e6cf0e568331981ad3357f0d894d',
    },
  ])('gives what openssl gave for secret $secret', ({ secret, timestamp, body, signature }) => {
    expect(signBody(secret, timestamp, body)).toBe(signature);
  });

  it.each([
    ['6bff6b', '70d52c6f4b0cbb6a27b04f86058ca4189e1763e35c63e589449b6c30db91518c'],
    ['6bfe6b', '45132d92c7f99092163c8bc2b9109dd6665c48cd3a2b2422c5a172f9c478879a'],
    ['6befbfbd6b', 'b042a336c9a2ada715502a1137359b2450fa927f770ccf75a2e17c980504888b'],
    ['00ff80c22a', 'dad00bfa95935c5e5490f272dca4f1aae83ee0b8a70ceed90df62b7c213352f7'],
  ])('X1 signs with the bytes %s, whatever they would be as text', (secret, signature) => {
    expect(signBody(Buffer.from(secret, 'hex'), '1780142400', BODY)).toBe(signature);
  });
});

describe('verifySignature', () => {
  const signature = signBody(key('right'), `${NOW_S}`, BODY);

  it('accepts what one of the secrets signed (T29)', () => {
    expect(verifySignature([key('right')], `${NOW_S}`, BODY, signature)).toBe(true);
    expect(verifySignature([key('new'), key('right')], `${NOW_S}`, BODY, signature)).toBe(true);
  });

  it('T8 refuses a tampered body, another secret and another time', () => {
    const tampered = Buffer.from(BODY);
    tampered[8] = 0x32;
    expect(verifySignature([key('right')], `${NOW_S}`, tampered, signature)).toBe(false);
    expect(verifySignature([key('wrong')], `${NOW_S}`, BODY, signature)).toBe(false);
    expect(verifySignature([key('right')], `${NOW_S + 1}`, BODY, signature)).toBe(false);
    expect(verifySignature([], `${NOW_S}`, BODY, signature)).toBe(false);
  });

  it('T5 refuses what is no lower-case hex of the right length', () => {
    const wrong = ['', 'é', signature.toUpperCase(), `${signature}0`, signature.slice(1), '0'.repeat(64)];
    for (const given of wrong) expect(verifySignature([key('right')], `${NOW_S}`, BODY, given)).toBe(false);
  });
});

describe('checkTimestamp', () => {
  it('T7 accepts a clock four minutes away, on both sides', () => {
    expect(checkTimestamp(`${NOW_S - 240}`, NOW_MS, WINDOW_MS)).toBe(NOW_S - 240);
    expect(checkTimestamp(`${NOW_S + 240}`, NOW_MS, WINDOW_MS)).toBe(NOW_S + 240);
  });

  it('T6 refuses an hour and one second too much', () => {
    for (const apart of [3600, -3600, 301, -301]) {
      const check = (): unknown => checkTimestamp(`${NOW_S + apart}`, NOW_MS, WINDOW_MS);
      expect(codeOf(check)).toBe('403 stale-timestamp');
    }
    expect(checkTimestamp(`${NOW_S - 300}`, NOW_MS, WINDOW_MS)).toBe(NOW_S - 300);
  });

  it('counts whole seconds of the window only', () => {
    expect(checkTimestamp(`${NOW_S - 1}`, NOW_MS, 1999)).toBe(NOW_S - 1);
    expect(codeOf(() => checkTimestamp(`${NOW_S - 2}`, NOW_MS, 1999))).toBe('403 stale-timestamp');
  });

  it('T9 refuses a header that is missing or no whole number', () => {
    for (const header of [undefined, '', ' ', '1.5', '1e9', 'abc', '0x10', '12 34', '1, 1', '9'.repeat(30)]) {
      expect(codeOf(() => checkTimestamp(header, NOW_MS, WINDOW_MS))).toBe('400 bad-timestamp');
    }
  });
});
