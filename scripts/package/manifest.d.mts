export function productionPackages(lock: object, options?: { readonly optional?: boolean }): string[];
