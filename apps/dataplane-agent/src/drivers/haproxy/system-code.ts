/** The code of an error of the system, such as `ENOENT`; undefined for other errors. */
export function systemCode(error: unknown): unknown {
  return (error as { code?: unknown } | undefined | null)?.code;
}
