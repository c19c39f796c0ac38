import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import type { ProcessExit } from '../process-outcome.js';
import { limitedCommand, type LimitedCommand, type Prlimit } from '../resource-limits.js';
import { membersOf, signalGroup, signalProcess } from '../process-group.js';
import { makeScratchDirectory } from '../scratch-directory.js';
import type { Containment } from './containment.js';
import { ControlGroup } from './control-groups.js';
import { killMarked, killMarkedAs, RUN_MARK } from './marked-processes.js';
import { sandboxArguments, type Sandbox, type SandboxFor } from './sandbox.js';

/** What is around one plugin process: where it works, and how all that it starts is reached. */
export interface Enclosure {
  /** Where it is started. */
  readonly cwd: string;
  /** The environment that it is started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Open files that it gets as descriptors 3, 4, …. */
  readonly descriptors: readonly number[];
  /** The command line that becomes the plugin. */
  readonly command: LimitedCommand;
  /** How the plugin ended, by how the process ended that was started. */
  exit(code: number | null, signal: string | null): ProcessExit;
  /** It was started, or it was not: what was opened only for that is closed. */
  started(): void;
  /** Asks everything that belongs to the process to end. */
  terminate(leader: number | undefined): void;
  /** Ends everything that belongs to the process. */
  kill(leader: number | undefined): void;
  /** Ends what is left, and removes what was made for it. */
  close(leader: number | undefined): Promise<void>;
}

/** What is to be enclosed. */
export interface Enclosed {
  readonly path: string;
  readonly cpuMs: number | undefined;
  readonly prlimit: Prlimit;
  /** The environment of the plugin. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: it runs without a sandbox. */
  readonly sandboxFor?: SandboxFor;
}

/** Makes the place of one process. Throws when it cannot be made. */
export async function enclose(what: Enclosed, containment: Containment): Promise<Enclosure> {
  const { sandbox } = containment;
  if (what.sandboxFor && sandbox) return inSandbox(what, what.sandboxFor, sandbox);
  return inTheOpen(what, containment);
}

/** Variables by which the system loads code into every program: set inside the sandbox only, else they would act before it stands. */
const LOADER = /^(LD_|GLIBC_)/;

/** Everything inside ends with the process that made the sandbox: they share a process namespace that dies with it. */
function inSandbox(
  { path, cpuMs, prlimit, env }: Enclosed,
  sandboxFor: SandboxFor,
  sandbox: Sandbox,
): Enclosure {
  const { file, args, argv0 } = limitedCommand(path, cpuMs, prlimit, sandbox.boundsProcesses);
  const kill = (leader: number | undefined): void => signalGroup(leader, 'SIGKILL');
  const isForLoader = ([name]: [string, string]): boolean => LOADER.test(name);
  const loader = Object.entries(env).filter(isForLoader);
  return {
    cwd: '/',
    env: Object.fromEntries(Object.entries(env).filter((one) => !isForLoader(one))),
    descriptors: [],
    command: {
      file: sandbox.bwrap,
      args: [
        ...loader.flatMap(([name, value]) => ['--setenv', name, value]),
        ...sandboxArguments(sandbox, sandboxFor),
        file,
        ...args,
      ],
      argv0,
    },
    exit: exitOfShell,
    started: () => undefined,
    // bubblewrap itself would end at once and take the plugin with it, which is to have its grace
    terminate: (leader) => {
      for (const pid of membersOf(leader)) if (pid !== leader) signalProcess(pid, 'SIGTERM');
    },
    kill,
    close: (leader) => Promise.resolve(kill(leader)),
  };
}

/** A control group where there may be one, else a mark in the environment, reaches what leaves the process group. */
async function inTheOpen(
  { path, cpuMs, prlimit, env }: Enclosed,
  { user, controlGroups }: Containment,
): Promise<Enclosure> {
  const scratch = await makeScratchDirectory(user);
  const command = limitedCommand(path, cpuMs, prlimit, false);
  const shared = {
    cwd: scratch.path,
    exit: (code: number | null, signal: string | null): ProcessExit => ({ code, signal }),
    terminate: (leader: number | undefined): void => signalGroup(leader, 'SIGTERM'),
  };
  if (controlGroups === undefined) {
    const mark = randomUUID();
    const kill = (leader: number | undefined): void => {
      signalGroup(leader, 'SIGKILL');
      killMarked(mark, user?.uid ?? process.getuid?.());
    };
    return {
      ...shared,
      env: { ...env, [RUN_MARK]: mark },
      descriptors: [],
      command,
      started: () => undefined,
      kill,
      close: async (leader) => {
        kill(leader);
        if (user) await killMarkedAs(user, mark);
        await scratch.remove();
      },
    };
  }
  let group: ControlGroup;
  try {
    group = ControlGroup.make(controlGroups);
  } catch (error) {
    await scratch.remove();
    throw error;
  }
  return {
    ...shared,
    env,
    descriptors: [group.joinFd],
    command: ControlGroup.joining(command),
    started: () => group.closeJoin(),
    kill: () => group.kill(),
    close: async () => {
      await group.remove();
      await scratch.remove();
    },
  };
}

/** bubblewrap tells a signal that ended the plugin as shells do: 128 and its number. */
function exitOfShell(code: number | null, signal: string | null): ProcessExit {
  const [name] =
    Object.entries(constants.signals).find(([, number]) => code !== null && number === code - 128) ?? [];
  return name === undefined ? { code, signal } : { code: null, signal: name };
}
