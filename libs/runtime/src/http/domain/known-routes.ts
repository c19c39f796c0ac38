/** Paths that are served and with which methods; finds what a path is for, whatever method it was asked with. */
export class KnownRoutes {
  private readonly routes = new Map<string, { readonly parts: readonly string[]; methods: Set<string> }>();

  /** `pattern`: as the router takes it, `/v1/runs/:runId`. */
  add(pattern: string, methods: readonly string[]): void {
    const route = this.routes.get(pattern) ?? { parts: pattern.split('/'), methods: new Set<string>() };
    for (const method of methods) route.methods.add(method);
    this.routes.set(pattern, route);
  }

  /** Every method that a path takes, sorted, with OPTIONS; none when nothing stands there. `path`: without its query. */
  methodsOf(path: string): string[] {
    const parts = path.split('/');
    const found = [...this.routes.values()].filter((route) => fits(route.parts, parts));
    if (found.length === 0) return [];
    return [...new Set([...found.flatMap(({ methods }) => [...methods]), 'OPTIONS'])].sort();
  }
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.at(-1) === '*') return pattern.slice(0, -1).every((part, at) => part === parts[at]);
  if (pattern.length !== parts.length) return false;
  return pattern.every((part, at) => (part.startsWith(':') ? parts[at] !== '' : part === parts[at]));
}
