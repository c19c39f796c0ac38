const ANSWER_MS = 2_000;

/**
 * Why this nats-server stores nothing any more until it is started again: JetStream shut itself down, or a stream could not
 * write, as on a full disk. Undefined while it stores, and when it does not say.
 */
export async function cannotStore(monitorPort: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${monitorPort}/healthz`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.ok) return undefined;
    const { error } = (await answer.json()) as { error?: string };
    return error !== undefined && FINAL.test(error) ? error : undefined;
  } catch {
    return undefined;
  }
}

/** What does not pass by itself. Streams and consumers that are just being made are named as well, and do. */
const FINAL = /write error|jetstream not (currently )?enabled|jetstream is disabled/i;
