/** Names a target of a frontend: no name of a pool or a backend holds a NUL. */
export function targetKey(pool: string, backend: string): string {
  return `${pool}\u0000${backend}`;
}
