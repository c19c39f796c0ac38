import { expect, it } from '@jest/globals';
import { scrubResource, scrubText } from './scrub.js';
import { tarOf } from './tar.js';

const PLANTED = 'pl4nt3d-s3cr3t';

it.each([
  [`token sbx_${PLANTED} used`],
  [`postgres://signalbox:${PLANTED}@db.example:5432/x`],
  [`Authorization: Bearer ${PLANTED}`],
  [`{"password":"${PLANTED}"}`],
  [`NATS_TOKEN=${PLANTED}`],
  [`-----BEGIN EC PRIVATE KEY-----\n${PLANTED}\n-----END EC PRIVATE KEY-----`],
])('a bundle does not hold the secret of %s', (text) => {
  expect(scrubText(text, [])).not.toContain(PLANTED);
});

it('a bundle never holds what is known to be secret, and keeps what is none', () => {
  expect(scrubText(`a ${PLANTED} b`, [PLANTED, ''])).toBe('a [removed] b');
  const line = 'group edge: 12 facts wait for http://192.0.2.1:8787/v1/events';
  expect(scrubText(line, [])).toBe(line);
});

it('a bundle holds no value of an environment or of a secret member of a resource', () => {
  const plugin = { spec: { executable: '/x', env: { REGION: PLANTED }, password: PLANTED, tokenFile: '/t' } };
  const clean = scrubResource([plugin]);
  expect(JSON.stringify(clean)).not.toContain(PLANTED);
  expect(clean).toMatchObject([{ spec: { executable: '/x', env: { REGION: '[removed]' } } }]);
});

it('an archive has whole blocks and a header whose sum is right', () => {
  const archive = tarOf([{ name: 'a/b.txt', data: Buffer.from('hello') }], 1_700_000_000);
  expect(archive.byteLength % 512).toBe(0);
  const block = Buffer.from(archive.subarray(0, 512));
  const sum = parseInt(block.subarray(148, 154).toString(), 8);
  block.fill(' ', 148, 156);
  expect(block.reduce((total, byte) => total + byte, 0)).toBe(sum);
  expect(archive.subarray(512, 517).toString()).toBe('hello');
});
