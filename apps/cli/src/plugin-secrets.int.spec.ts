import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { optionalProgram, runCommand as runProgram } from '@signalbox/testing';
import { runCommand } from './testing/run-command.fixture.js';

jest.setTimeout(120_000);

const GUIDE = join(process.cwd(), 'docs', 'guide', 'plugins.md');
const PATH = process.env['SIGNALBOX_TEST_PATH'] ?? process.env['PATH'];
const SECRET = 'correct-horse-battery';
const RESULT = '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"30m"}}';

const python = optionalProgram('python3', 'the secret of a plugin in Python');
const go = optionalProgram('go', 'the secret of a plugin in Go');

/** A plugin that does what the guide shows, and tells how long the key is and what it is. */
const PLUGINS = {
  sh: (block: string) => `#!/bin/sh -e
cat >/dev/null
${block}
echo "\${#key} characters: $key" >&2
echo '${RESULT}'
`,
  python: (block: string) => `#!/usr/bin/env python3
import sys
sys.stdin.read()
${block}
print(len(key), "characters:", key, file=sys.stderr)
print('${RESULT}')
`,
  js: (block: string) => `#!/usr/bin/env node
${block}
console.error(key.length + ' characters: ' + key);
console.log('${RESULT}');
`,
  go: (block: string) => `package main
import ("bytes"; "fmt"; "io"; "os"; "strconv")
func main() {
${block}
	if err != nil { panic(err) }
	key = bytes.TrimSpace(key)
	fmt.Fprintf(os.Stderr, "%d characters: %s\\n", len(key), key)
	fmt.Println(\`${RESULT}\`)
}
`,
} as const;
type Language = keyof typeof PLUGINS;

describe('P17 secrets without a site', () => {
  let dir: string;

  beforeAll(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-plugin-')));
    await chmod(dir, 0o755);
    await writeFile(join(dir, 'api.key'), `${SECRET}\n`, { mode: 0o600 });
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const signalbox = (...args: string[]) => runCommand(args, { env: { PATH }, cwd: dir });

  async function blockOf(language: Language): Promise<string> {
    const guide = await readFile(GUIDE, 'utf8');
    const [, section = ''] = /^## Secrets\n([^]*?)^## /m.exec(guide) ?? [];
    const [, block] = new RegExp(`^\`\`\`${language} display\\n([^]*?)^\`\`\``, 'm').exec(section) ?? [];
    if (block === undefined) throw new Error(`the guide shows nothing in ${language}`);
    return block.trimEnd();
  }

  async function install(language: Language): Promise<string> {
    const path = join(dir, `plugin-${language}`);
    const source = PLUGINS[language](await blockOf(language));
    if (language === 'go') {
      await writeFile(`${path}.go`, source);
      const env = { PATH, HOME: dir, GOCACHE: join(dir, 'cache'), CGO_ENABLED: '0' };
      const built = await runProgram(go!, ['build', '-o', path, `${path}.go`], { cwd: dir, env });
      expect(built).toMatchObject({ code: 0 });
    } else await writeFile(path, source);
    await chmod(path, 0o755);
    return path;
  }

  async function manifest(executable: string, file = join(dir, 'api.key')): Promise<void> {
    await writeFile(
      join(dir, 'plugin.yaml'),
      `apiVersion: plugin.routerd.net/v1alpha1
kind: Plugin
metadata: { name: keyed }
spec: { executable: ${executable}, secrets: [{ name: api-key, file: ${file} }] }
`,
    );
  }

  const languages: readonly Language[] = [
    'sh',
    'js',
    ...(python ? ['python' as const] : []),
    ...(go ? ['go' as const] : []),
  ];

  it.each(languages)(
    '%s reads it as the guide shows, and what it says of it is left out',
    async (language) => {
      await manifest(await install(language));
      const { code, out, err } = await signalbox('plugin', 'run', 'keyed', '-f', 'plugin.yaml');
      expect(err).toContain(`${SECRET.length} characters: [redacted]`);
      expect(out + err).not.toContain(SECRET);
      expect(code).toBe(0);
    },
  );

  it('conformance gives secrets too', async () => {
    const executable = await install('sh');
    const run = async (...more: string[]): Promise<string> => {
      const { out } = await signalbox('plugin', 'conformance', executable, '--run-timeout', '5s', ...more);
      return out;
    };
    expect(await run('--secret', 'api-key=api.key')).toMatch(/ok +it answers a request without events/);
    expect(await run()).toMatch(/fail +it answers a request without events/);
    expect(await run('--secret', 'api-key=none.key')).toContain(
      `secret api-key: ${join(dir, 'none.key')} does not exist`,
    );
  });

  it('says of a file that is not there what to do', async () => {
    await manifest(await install('sh'), join(dir, 'none.key'));
    const { code, err } = await signalbox('plugin', 'run', 'keyed', '-f', 'plugin.yaml');
    expect(code).toBe(1);
    expect(err).toContain('secret-missing: plugin keyed: secret api-key:');
    expect(err).toContain('does not exist: put it there, or correct /spec/secrets/0/file');
  });
});
