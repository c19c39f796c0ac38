/**
 * Strong entity tag of a revision or a generation. `mark`: tells answers of the same version apart, where there can be
 * several; letters, digits and `-`.
 */
export function entityTag(version: number, mark?: string): string {
  return mark === undefined ? `"${version}"` : `"${version}-${mark}"`;
}

/** Whether an `If-Match` / `If-None-Match` header names the tag; `*` names everything, weak tags count by value. */
export function namesTag(header: string, tag: string): boolean {
  return header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === tag);
}
