export const PERMISSIVE: readonly string[];
export function otherLicences(lock: object): string[];
