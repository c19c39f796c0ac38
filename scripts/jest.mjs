// Runs jest in ESM mode: node scripts/jest.mjs [any jest option]. `--selectProjects unit` needs no servers.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithNpm, SIGNALS, statusOf } from './interruption.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_OPTIONS = '--experimental-vm-modules --no-warnings';

/**
 * Starts jest, sharing our output.
 *
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, ownGroup?: boolean }} options env: on top of ours. ownGroup: `kill` reaches the
 *   workers and what the tests started too, and Ctrl-C in a terminal only us
 * @returns {{ kill: (signal: NodeJS.Signals) => void, status: Promise<number> }} status: as a shell tells it
 */
export function startJest(args, { env, ownGroup = false } = {}) {
  const options = [process.env.NODE_OPTIONS, NODE_OPTIONS].filter(Boolean).join(' ');
  const jest = spawn(process.execPath, [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    detached: ownGroup,
    env: { ...process.env, ...env, NODE_OPTIONS: options },
  });
  const status = new Promise((resolve, reject) => {
    jest.on('error', reject);
    jest.on('exit', (code, signal) => resolve(code ?? statusOf(signal)));
  });
  return { kill: (signal) => (ownGroup ? process.kill(-jest.pid, signal) : jest.kill(signal)), status };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const jest = startJest(process.argv.slice(2));
  for (const signal of SIGNALS) process.on(signal, () => jest.kill(signal));
  endWithNpm();
  process.exitCode = await jest.status;
}
