import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runCommand } from '../testing/run-command.fixture.js';
import { APPLIED } from '../testing/sample-site.fixture.js';
import { problem, StubSite } from '../testing/stub-site.fixture.js';
import { givenFiles } from './given-files.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'signalbox-files-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
}

it('X45 a directory stands for its manifests in the order of their names', async () => {
  write({
    'd/b.yml': '',
    'd/a.yaml': '',
    'd/c.json': '',
    'd/notes.md': '',
    'd/.hidden.yaml': '',
    'd/e/z.yaml': '',
  });
  expect(await givenFiles(['x.yaml', 'd', '-'], cwd, false)).toEqual([
    'x.yaml',
    'd/a.yaml',
    'd/b.yml',
    'd/c.json',
    '-',
  ]);
  expect(await givenFiles(['d'], cwd, true)).toEqual(['d/a.yaml', 'd/b.yml', 'd/c.json', 'd/e/z.yaml']);
});

it('X45 a directory without manifests is an error', async () => {
  write({ 'd/notes.md': '', 'd/e/z.yaml': '' });
  await expect(givenFiles(['d'], cwd, false)).rejects.toThrow('d holds no *.yaml, *.yml or *.json');
});

it('X45 an error of apply names file, line and column', async () => {
  const site = await StubSite.start();
  const env = { SIGNALBOX_URL: site.url, SIGNALBOX_TOKEN: 'sbx_t' };
  try {
    write({ 'd/a.yaml': 'kind: A\n---\nkind: B\n', 'd/b.yaml': '# peers\nkind: C\nspec:\n  endpoint: x\n' });
    const errors = [
      { pointer: '/2/spec/endpoint', message: 'must be a URL' },
      { pointer: '/2', message: 'EventPeer/x is already given at /1' },
    ];
    site.on('POST /v1/apply', problem(422, 'validation-failed', 'EventPeer/x is not valid', { errors }));
    const { code, err } = await runCommand(['apply', '-f', 'd'], { cwd, env });
    expect(code).toBe(1);
    expect(err).toBe(
      'signalbox: validation-failed: EventPeer/x is not valid\n' +
        '  d/b.yaml:4:3 /spec/endpoint: must be a URL\n' +
        '  d/b.yaml:2:1: EventPeer/x is already given at d/a.yaml:3:1\n' +
        'next: correct the fields above and run the command again\n',
    );
    site.on('POST /v1/apply', { body: APPLIED });
    expect((await runCommand(['apply', '-f', 'd'], { cwd, env })).code).toBe(0);
  } finally {
    await site.stop();
  }
});

it.each<[string, string | Uint8Array, string]>([
  ['X45 bad YAML', 'a: [\n', 'b.yaml: the text is not valid YAML: '],
  [
    'X2 bytes that are not UTF-8',
    Buffer.from('a: \xe9\n', 'latin1'),
    'b.yaml is not valid UTF-8: byte 0xe9 at offset 3',
  ],
  ['X2 UTF-16', Buffer.from('\uFEFFa: 1\n', 'utf16le'), 'b.yaml is UTF-16 text, not UTF-8'],
])('%s is told with its file, and nothing is sent', async (_, content, message) => {
  write({ 'a.yaml': 'kind: A\n', 'b.yaml': content });
  const url = 'http://127.0.0.1:9';
  const { code, err } = await runCommand(['apply', '-f', 'a.yaml', 'b.yaml', '--url', url], { cwd });
  expect(code).toBe(1);
  expect(err).toContain(message);
  expect(err).not.toContain('unreachable');
});

it('X2 stdin that is not UTF-8 is refused', async () => {
  const stdin = Buffer.from('a: "\xff"\n', 'latin1');
  const { code, err } = await runCommand(['config', 'check', '-'], { stdin });
  expect(code).toBe(1);
  expect(err).toContain('stdin is not valid UTF-8: byte 0xff at offset 4');
});
