import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes sure that one process at a time uses a state directory. Returns the function that gives it back.
 * Throws when the process that wrote the lock is alive; a lock left by a killed process is taken over.
 */
export async function lockState(stateDir: string): Promise<() => Promise<void>> {
  await mkdir(stateDir, { recursive: true, mode: 0o755 });
  const file = join(stateDir, 'up.pid');
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  if (pid > 0 && pid !== process.pid && (await isSignalbox(pid))) {
    throw new Error(
      `Signalbox already runs here (pid ${pid}, state ${stateDir}): stop it first, or use --state for another site`,
    );
  }
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}

/** A pid may have been given to another program since: where /proc exists, its command line decides. */
async function isSignalbox(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined || /standalone|up\.mjs/.test(commandLine);
}
