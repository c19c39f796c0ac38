import { describe, expect, it } from '@jest/globals';
import { joinDocuments, readDocuments } from './documents.js';

describe('joinDocuments', () => {
  it.each([
    [['a: 1', 'b: 2\n'], 'a: 1\n---\nb: 2\n'],
    [['a: 1\n', '---\nb: 2'], 'a: 1\n---\nb: 2'],
    [['a: 1\n', '# who\n\n--- # b\nb: 2'], 'a: 1\n# who\n\n--- # b\nb: 2'],
    [['{"a":1}', '{"b":2}'], '{"a":1}\n---\n{"b":2}'],
    [['---x\n', '---x\n'], '---x\n---\n---x\n'],
  ])('%j', (texts, joined) => {
    expect(joinDocuments(texts)).toBe(joined);
  });
});

it('names the file that cannot be read', async () => {
  const place = { cwd: '/nowhere', readStdin: () => Promise.resolve(new Uint8Array()) };
  await expect(readDocuments(['gone.yaml'], {}, place)).rejects.toMatchObject({
    code: 'file-unreadable',
    exitCode: 1,
    message: 'gone.yaml cannot be read (ENOENT)',
  });
});
