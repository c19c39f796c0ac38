/** Strong entity tag of a revision or a generation. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** Whether an `If-Match` / `If-None-Match` header names the tag; `*` names everything, weak tags count by value. */
export function namesTag(header: string, tag: string): boolean {
  return header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === tag);
}
