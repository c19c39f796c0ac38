import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Site } from '@signalbox/testing';

const FILE = 'docs/reference/openapi.json';

describe('OpenAPI', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.start();
  }, 300_000);
  afterAll(() => site.stop());

  /** `UPDATE_DOCS=1 npm test -- --testPathPatterns openapi` writes the file, and the types made from it, after a change of the routes. */
  it('the served document is the one that is checked in', async () => {
    const { body } = await site.rest<object>('GET', '/docs-json');
    const text = `${JSON.stringify(body, null, 2)}\n`;
    if (process.env['UPDATE_DOCS']) {
      await writeFile(FILE, text);
      await promisify(execFile)('node', ['scripts/rest-types.mjs']);
    }
    expect(JSON.parse(await readFile(FILE, 'utf8'))).toEqual(body);
  });
});
