/** Headers that tell an endpoint which run a request is of. docs/guide/plugins.md, ADR 0037. */
export const RUN_HEADERS = {
  /** Id of the run: the same for all its attempts. */
  run: 'Signalbox-Run',
  /** Number of the attempt, from 1. */
  attempt: 'Signalbox-Attempt',
  /**
   * Of one attempt, also when its request had to be sent twice. Another attempt has another one: its request says another time, and
   * what the one before was answered must not be answered again.
   */
  idempotencyKey: 'Idempotency-Key',
} as const;

/** All headers of a request but its length. `tag`: `meta.tag` of the request, `<run id>.<attempt>`. */
export function requestHeaders(tag: string, bearer: string | undefined): Readonly<Record<string, string>> {
  const dot = tag.lastIndexOf('.');
  return {
    'Content-Type': 'application/json',
    Accept: 'application/json, application/yaml',
    'Accept-Encoding': 'identity',
    'User-Agent': 'signalbox',
    [RUN_HEADERS.run]: tag.slice(0, dot),
    [RUN_HEADERS.attempt]: tag.slice(dot + 1),
    [RUN_HEADERS.idempotencyKey]: tag,
    ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
  };
}
