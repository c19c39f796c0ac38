import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { tellNotRun, until } from '@signalbox/testing';
import { killMarked, killMarkedAs, RUN_MARK } from './marked-processes.js';

const OTHER = { name: 'other', uid: 65_534, gid: 65_534 };
const IS_ROOT = process.getuid?.() === 0;
if (!IS_ROOT) tellNotRun('processes that plugins of another user left', 'only root can start them');

/** A process that leads a session of its own, as one that left its run does. */
function marked(mark: string, user?: typeof OTHER): ChildProcess {
  const env = { [RUN_MARK]: mark };
  return spawn('/bin/sleep', ['60'], {
    env,
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    ...(user && { uid: user.uid, gid: user.gid }),
  });
}

function isMarked(child: ChildProcess): boolean {
  return readFileSync(`/proc/${child.pid}/environ`, 'latin1').includes(RUN_MARK);
}

test('P16 the processes that carry the mark of a run are ended, and no other', async () => {
  const [own, others] = [marked('run-1'), marked('run-2')];
  await until('both are started', () => isMarked(own) && isMarked(others));
  killMarked('run-1', process.getuid?.());
  await until('one has ended', () => own.signalCode === 'SIGKILL');
  expect(others.signalCode).toBeNull();
  others.kill('SIGKILL');
});

(IS_ROOT ? test : test.skip)('P16 the user whose they are looks for them where root cannot', async () => {
  const [own, others] = [marked('run-3', OTHER), marked('run-4', OTHER)];
  await until('both are started', () => isMarked(own) && isMarked(others));
  await killMarkedAs(OTHER, 'run-3', () => true);
  await until('one has ended', () => own.signalCode === 'SIGKILL');
  expect(others.signalCode).toBeNull();
  others.kill('SIGKILL');
});
