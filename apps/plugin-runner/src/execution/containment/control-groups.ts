import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROCESS_LIMITS } from '../limits.js';
import type { LimitedCommand } from '../resource-limits.js';
import type { PluginUser } from './plugin-user.js';

const PREFIX = 'signalbox-plugins-';
/** Milliseconds between two tries to remove a group whose processes are just ending. */
const AGAIN_MS = 5;
/** Descriptor by which a process joins its group. */
const JOIN_FD = 3;

/** Constant: moves itself into the group whose `cgroup.procs` was opened for it, then becomes its arguments. */
const JOIN = `echo 0 >&${JOIN_FD} && exec ${JOIN_FD}>&- && exec "$@"`;

let made = 0;

/**
 * The processes of one run in a control group of their own (cgroup v2): nothing that they start can leave it, whatever
 * session or environment it takes, and all are killed at once. Linux documentation, "Control Group v2", cgroup.kill.
 */
export class ControlGroup {
  /** Opened for the process that is to join, which need not have the right to: the right is asked when it is opened. */
  readonly joinFd: number;

  private constructor(private readonly directory: string) {
    this.joinFd = openSync(join(directory, 'cgroup.procs'), 'w');
  }

  /** Throws when it cannot be made. */
  static make(home: string): ControlGroup {
    const directory = join(home, `${PREFIX}${process.pid}-${(made += 1)}`);
    mkdirSync(directory);
    return new ControlGroup(directory);
  }

  /** The command, started inside the group; descriptor 3 must be {@link joinFd}. */
  static joining({ file, args, argv0 }: LimitedCommand): LimitedCommand {
    return { file: '/bin/sh', args: ['-c', JOIN, argv0, file, ...args], argv0 };
  }

  /** The process was started, or will not be. */
  closeJoin(): void {
    closeSync(this.joinFd);
  }

  kill(): void {
    killGroup(this.directory);
  }

  /** Kills what is left in it; a group that does not become empty is reported as a process warning. */
  async remove(): Promise<void> {
    this.kill();
    const endMs = performance.now() + PROCESS_LIMITS.cgroupRemovalMs;
    while (!removed(this.directory)) {
      if (performance.now() > endMs) {
        process.emitWarning(
          `the control group ${this.directory} was not removed: something in it does not end`,
        );
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/**
 * Where groups for plugins can be made: our own group of the unified hierarchy, when we may write there and a process
 * of `user` that joins a group really ends with it. Undefined elsewhere. What a runner left that was killed is ended.
 */
export async function findControlGroups(user: PluginUser | undefined): Promise<string | undefined> {
  try {
    const home = ownGroup(
      readFileSync('/proc/self/mountinfo', 'utf8'),
      readFileSync('/proc/self/cgroup', 'utf8'),
    );
    if (home === undefined || !(await works(home, user))) return undefined;
    removeStale(home);
    return home;
  } catch {
    return undefined;
  }
}

/** Directory of the group that `cgroup` (cgroups(7)) tells, below the mount that `mountinfo` (proc(5)) tells. */
export function ownGroup(mountinfo: string, cgroup: string): string | undefined {
  const own = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  const mount = mountinfo.split('\n').find((line) => / - cgroup2 /.test(line));
  const point = mount?.split(' ')[4];
  return own === undefined || point === undefined ? undefined : join(point, own);
}

async function works(home: string, user: PluginUser | undefined): Promise<boolean> {
  const group = ControlGroup.make(home);
  try {
    const { file, args } = ControlGroup.joining({
      file: '/bin/sh',
      args: ['-c', 'echo in; read -r _'],
      argv0: 'probe',
    });
    const child = spawn(file, args, {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'ignore', group.joinFd],
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    group.closeJoin();
    child.on('error', () => undefined);
    child.stdin?.on('error', () => undefined);
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    const isIn = await Promise.race([once(child.stdout!, 'data').then(() => true), exited.then(() => false)]);
    if (isIn) group.kill();
    const [, signal] = await exited;
    return isIn && signal === 'SIGKILL';
  } finally {
    await group.remove();
  }
}

function removeStale(home: string): void {
  for (const name of readdirSync(home)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    killGroup(join(home, name));
    removed(join(home, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function killGroup(directory: string): void {
  try {
    writeFileSync(join(directory, 'cgroup.kill'), '1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Whether it is not there any more. */
function removed(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
