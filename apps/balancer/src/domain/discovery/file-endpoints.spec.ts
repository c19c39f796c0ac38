import { describe, expect, it } from '@jest/globals';
import { SOURCE_FILE_BOUNDS } from '@signalbox/contracts';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { MAX_REFUSED, type Observation } from './endpoint.js';
import { fileObservation } from './file-endpoints.js';

const said = (text: string): Observation => fileObservation(Buffer.from(text), 'web');
const reasonOf = (text: string): string => {
  const observation = said(text);
  return observation.type === 'unavailable' ? observation.reason : 'none';
};

const LIST = [
  { address: '192.0.2.1', port: 80 },
  { address: '2001:db8::1', port: 8080, weight: 0, draining: true, tags: ['blue', 'b'] },
  { address: '192.0.2.1', port: 81, draining: false, tags: [] },
];
const ENDPOINTS = [
  { pool: 'web', address: '192.0.2.1', port: 80 },
  { pool: 'web', address: '2001:db8::1', port: 8080, weight: 0, isDraining: true, tags: ['blue', 'b'] },
  { pool: 'web', address: '192.0.2.1', port: 81 },
];
const contentOf = (endpoints: unknown, refused: string[] = []): unknown => ({
  type: 'content',
  content: { frame: [], endpoints, refused },
});

describe('a file', () => {
  it.each([
    ['JSON', JSON.stringify(LIST)],
    ['YAML', `# made by the rollout\n---\n${stringify(LIST)}`],
    ['JSON with a mark of its order', `\uFEFF${JSON.stringify(LIST)}`],
  ])('of %s is a list of backends', (_what, text) => {
    expect(said(text)).toEqual(contentOf(ENDPOINTS));
  });

  it.each(['[]', '[]\n', '# none\n[]'])('with an empty list says that there are none: %j', (text) => {
    expect(said(text)).toEqual(contentOf([]));
  });

  it.each<[string, string]>([
    ['', 'has nothing in it: write [] when there are no backends'],
    ['# later\n---\n', 'has nothing in it: write [] when there are no backends'],
    ['[]\n---\n[]', 'has 2 documents: write one list'],
    ['{}', 'is wrong: must be a list (line 1, column 1)'],
    ['hunter2', 'is wrong: must be a list (line 1, column 1)'],
    ['- address: 192.0.2.1\n  port: 80\n- port: 80\n', 'is wrong: /1/address is required (line 3, column 3)'],
    [
      '- {address: 192.0.2.1, port: 0}\n- {address: hunter2, port: 80}',
      'is wrong: /0/port must be at least 1 (line 1, column 24) (and 1 more)',
    ],
    ['[{"address": "192.0.2.1", "port": 80},', 'is neither JSON nor YAML: missing char (line 1, column 39)'],
    [
      '- address: 192.0.2.1\n  address: hunter2',
      'is neither JSON nor YAML: a key is given twice (line 2, column 3)',
    ],
    ['- hunter2: "', 'is neither JSON nor YAML: missing char (line 1, column 13)'],
    [
      `- &hunter2 {port: 1}\n- [${Array(200).fill('*hunter2').join(',')}]`,
      'is neither JSON nor YAML: aliases cannot be unfolded',
    ],
  ])('of %j says nothing: %s', (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it('that is large is read as JSON only', () => {
    const blanks = ' '.repeat(SOURCE_FILE_BOUNDS.yamlBytes);
    expect(said(blanks + JSON.stringify(LIST))).toEqual(contentOf(ENDPOINTS));
    const reason = 'is no JSON, and larger than the 1048576 bytes that YAML may have';
    for (const text of ['- hunter2', '[', '[{"hunter2": 1, "hunter2": 2}]'])
      expect(reasonOf(blanks + text)).toBe(reason);
  });

  it('that is no text says nothing', () => {
    const wide = Buffer.from(JSON.stringify(LIST), 'utf16le');
    for (const bytes of [wide, Buffer.from([0x5b, 0xff, 0x5d])])
      expect(fileObservation(bytes, 'web')).toEqual({ type: 'unavailable', reason: 'is not UTF-8 text' });
  });

  it('may name a place twice: the first one counts', () => {
    const twice = [
      { address: '2001:db8::1', port: 80, weight: 1 },
      { address: '2001:DB8:0::1', port: 80, weight: 2 },
    ];
    expect(said(JSON.stringify(twice))).toEqual(
      contentOf(
        [{ pool: 'web', address: '2001:db8::1', port: 80, weight: 1 }],
        ['/1 is the place of /0 again: the first one counts'],
      ),
    );
    const many = Array.from({ length: MAX_REFUSED + 5 }, () => LIST[0]);
    expect(said(JSON.stringify(many))).toMatchObject({ content: { refused: { length: MAX_REFUSED } } });
  });

  it('of JSON that is cut anywhere says nothing', () => {
    const text = JSON.stringify(LIST, null, 1);
    for (let length = 0; length < text.length; length += 1)
      expect([length, said(text.slice(0, length)).type]).toEqual([length, 'unavailable']);
  });

  it('tells nothing of what is written in it', () => {
    const secret = fc.string({ unit: fc.constantFrom(...'QXZJ'), minLength: 6, maxLength: 8 });
    const around = fc.constantFrom(
      (s: string) => s,
      (s: string) => `{"${s}": 1, "${s}": 2}`,
      (s: string) => `- ${s}: 1`,
      (s: string) => `- *${s}`,
      (s: string) => `- !${s} x`,
      (s: string) => `- &${s} [*${s}]`,
      (s: string) => `- address: ${s}\n  port: ${s}\n  tags: [${s}, ${s}: ]`,
      (s: string) => `- address: 192.0.2.1\n ${s}\n`,
      (s: string) => `"${s}\\${s}"`,
      (s: string) => `%${s} ${s}\n---\n${s}`,
      (s: string) => `- ${s}: {${s}: [${s}\n`,
      (s: string) => `[{"address": "${s}", "port": "${s}", "${s}": ${s}}]`,
    );
    fc.assert(
      fc.property(secret, around, (text, wrap) => {
        expect(reasonOf(wrap(text))).not.toContain(text);
      }),
      { numRuns: 500 },
    );
  });
});
