import { expect, it } from '@jest/globals';
import { signBody } from '@signalbox/contracts';
import { optionalProgram, runCommand } from '@signalbox/testing';
import { hmacSha256 } from './go-peer.js';

/** RFC 4231, cases 1, 2, 3 and 6, and what openssl gave for a push. */
const VECTORS = [
  {
    key: Buffer.alloc(20, 0x0b),
    text: 'Hi There',
    hmac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    key: Buffer.from('Jefe'),
    text: 'what do ya want for nothing?',
    hmac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    key: Buffer.alloc(20, 0xaa),
    text: Buffer.alloc(50, 0xdd),
    hmac: '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  },
  {
    key: Buffer.alloc(131, 0xaa),
    text: 'Test Using Larger Than Block-Size Key - Hash Key First',
    hmac: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
  {
    key: Buffer.from('correct horse battery staple'),
    text: '1780142400\n{"id":"evt-1","group":"cloudedge","type":"a.b"}',
    hmac: '6f72da303310fbd907ce2dec23de8c63787a43633af7ec35dc6ec984420fe485',
  },
];

it('X39 the foreign peer signs by the published vectors, with no program that a fresh machine lacks', () => {
  for (const { key, text, hmac } of VECTORS) expect(hmacSha256(key, text)).toBe(hmac);
});

const openssl = optionalProgram('openssl', 'signatures compared with those of openssl');

(openssl === undefined ? it.skip : it)(
  'X39 openssl gives the same signatures as the peer and we',
  async () => {
    const bodies = ['', '{"id":"evt-1"}', 'a\0b\r\nc\u00e9', 'x'.repeat(70_000)];
    for (const body of bodies) {
      const args = ['dgst', '-sha256', '-hmac', 'a secret'];
      const { stdout } = await runCommand(openssl!, args, { input: `1780142400\n${body}` });
      const given = stdout.trim().split(' ').pop();
      expect(given).toBe(hmacSha256('a secret', `1780142400\n${body}`));
      expect(given).toBe(signBody(Buffer.from('a secret'), '1780142400', Buffer.from(body)));
    }
  },
);
