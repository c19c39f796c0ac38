import { until } from '@signalbox/testing';

/**
 * kill -9 of a supervised process; resolves when another one has taken its place. `pidNow` tells its pid, undefined
 * while it is down. Throws after `deadlineMs`.
 */
export async function killAndReplace(
  what: string,
  pidNow: () => Promise<number | undefined> | number | undefined,
  deadlineMs: number,
): Promise<void> {
  const pid = await until(`${what} to run`, pidNow, deadlineMs);
  process.kill(pid, 'SIGKILL');
  await until(
    `${what} to be back`,
    async () => {
      const now = await pidNow();
      return now !== undefined && now !== pid;
    },
    deadlineMs,
  );
}
