import { until } from '@signalbox/testing';

/**
 * Ends a supervised process, by default by kill -9; resolves when another one has taken its place. `pidNow` tells its pid,
 * undefined while it is down. Throws after `deadlineMs`.
 */
export async function killAndReplace(
  what: string,
  pidNow: () => Promise<number | undefined> | number | undefined,
  deadlineMs: number,
  kill: (pid: number) => Promise<void> | void = killNow,
): Promise<void> {
  const pid = await until(`${what} to run`, pidNow, deadlineMs);
  await kill(pid);
  await until(
    `${what} to be back`,
    async () => {
      const now = await pidNow();
      return now !== undefined && now !== pid;
    },
    deadlineMs,
  );
}

/** kill -9. */
export function killNow(pid: number): void {
  process.kill(pid, 'SIGKILL');
}
