/** Escapes a member name for a JSON Pointer (RFC 6901). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The member name that {@link pointerToken} escaped. */
export function readPointerToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
