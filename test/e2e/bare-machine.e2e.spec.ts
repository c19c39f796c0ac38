import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

it.each(['openssl', 'git', 'curl', 'ps', 'ping', 'ip', 'python3', 'bash', 'nats', 'promtool'])(
  'X39 tests run on a PATH without %s',
  (program) => {
    expect((spawnSync(program, ['--version']).error as NodeJS.ErrnoException | undefined)?.code).toBe(
      'ENOENT',
    );
  },
);
