import {
  grantError,
  maskGrantError,
  type PluginSpec,
  refText,
  type Resource,
  specOf,
} from '@signalbox/contracts';
import type { LivePart } from './live-part.js';
import type { Problem } from './problem.js';

/** What a part brings or masks beyond the grants of the plugin that made it. P15, ADR 0031. Without grants there is no bound. */
export function grantProblems({ part, produces, masks }: LivePart, plugin: Resource | undefined): Problem[] {
  const grants = plugin && specOf<PluginSpec>(plugin).grants;
  if (plugin === undefined || grants === undefined) return [];
  const exceeded = (pointer: string, what: string): Problem => ({
    code: 'grant-exceeded',
    pointer,
    message: `Plugin/${part.plugin ?? ''} ${what}`,
  });
  const brought = [...produces.values()].flatMap(({ ref, resource, index }) => {
    const error = grantError(grants, resource);
    if (error === undefined) return [];
    const { pointer, message } = error;
    return [
      exceeded(`/resources/${index}${pointer}`, `may not bring ${refText(ref)}: ${pointer} ${message}`),
    ];
  });
  const masked = [...masks.values()].flatMap(({ ref, index }) => {
    const message = maskGrantError(grants, ref);
    if (message === undefined) return [];
    return [exceeded(`/directives/${index}/target/kind`, `may not mask ${refText(ref)}: ${message}`)];
  });
  return [...brought, ...masked];
}
