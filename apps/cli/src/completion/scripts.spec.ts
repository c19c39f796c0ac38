import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { optionalProgram } from '@signalbox/testing';
import { runCommand } from '../testing/run-command.fixture.js';

const bash = optionalProgram('bash', 'completion in a real bash');

/** What bash offers after these words; the last one is still being typed. */
function offers(script: string, words: readonly string[]): string[] {
  const line = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
  const { stdout } = spawnSync(bash!, [
    '-c',
    `${script}\n${line}\n_signalbox\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
  ]);
  return stdout.toString().split('\n').filter(Boolean);
}

(bash === undefined ? it.skip : it)('completes commands, flags and values in bash', async () => {
  const { out } = await runCommand(['completion', 'bash']);
  expect(offers(out, ['signalbox', 'ev'])).toEqual(['event']);
  expect(offers(out, ['signalbox', 'event', ''])).toEqual(['emit', 'list', 'get', 'explain', 'deliveries']);
  expect(offers(out, ['signalbox', 'event', 'emit', '--ob'])).toEqual(['--observed-at']);
  expect(offers(out, ['signalbox', '--url', 'x', 'run', 'list', '--co'])).toEqual(['--context', '--color']);
  expect(offers(out, ['signalbox', 'dynamic', 'render', '-o', ''])).toEqual(['yaml', 'json']);
  expect(offers(out, ['signalbox', 'apply', '-f', ''])).toEqual([]);
  expect(offers(out, ['signalbox', 'show', ''])).toEqual([
    ...[
      'backends',
      'frontends',
      'healthchecks',
      'loadbalancers',
      'listeners',
      'pools',
      'nodes',
      'vips',
      'vippools',
      'vipclaims',
      'sources',
      'stats',
      'orgs',
      'projects',
      'quotas',
      'vpp',
      'alarms',
    ],
  ]);
  expect(offers(out, ['signalbox', 'show', 'backends', '--state', 'pa'])).toEqual(['paused']);
  expect(offers(out, ['signalbox', 'set', ''])).toEqual(['backend', 'frontend']);
});

it.each(['zsh', 'fish'])('prints a script for %s with every command', async (shell) => {
  const { code, out } = await runCommand(['completion', shell]);
  expect(code).toBe(0);
  for (const path of [
    'signalbox event explain',
    'signalbox dynamic render',
    'signalbox context use',
    'signalbox watch events',
  ])
    expect(out).toContain(`'${path}'`);
});
