import type { DataSource, EntityManager } from 'typeorm';

/** A statement may begin just behind a cancellation. Milliseconds. */
const AGAIN_MS = 200;

/**
 * Runs statements of `tx` and cancels the one that Postgres works on when the signal is aborted: one statement may take minutes.
 * Throws the reason of an aborted signal.
 */
export async function cancelOnAbort<T>(
  dataSource: DataSource,
  tx: EntityManager,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const [{ pid }] = await tx.query<[{ pid: number }]>('select pg_backend_pid() as pid');
  let cancelled: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    cancelled = dataSource.query('select pg_cancel_backend($1)', [pid]).catch(() => undefined);
    timer = setTimeout(cancel, AGAIN_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    clearTimeout(timer);
    // whoever gets the connection next is not meant
    await cancelled;
  }
}
