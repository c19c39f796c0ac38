import type { FieldError } from '../errors.js';
import { listOf, shape, text } from '../schema/shape.js';

/** A file whose bytes a plugin is given, and nobody else. spec/plugins-and-config "Isolation". */
export interface PluginSecret {
  /** Lower-case DNS label, unique in its plugin. */
  readonly name: string;
  /** Absolute path on the machine of the plugin-runner. Which directories it may lie in, the site says. */
  readonly file: string;
}

/** Most secrets of one plugin. */
export const MAX_PLUGIN_SECRETS = 16;

/** Most bytes of the file of a secret. */
export const MAX_SECRET_BYTES = 64 * 1024;

/** Schema of `Plugin.spec.secrets`. */
export const PLUGIN_SECRETS = listOf(
  shape<PluginSecret>({ name: text('dns-label'), file: text('absolute-path') }),
  { maxItems: MAX_PLUGIN_SECRETS },
);

/** What is wrong with secrets that have the right form; pointers start at the resource. */
export function secretErrors(secrets: readonly PluginSecret[] = []): readonly FieldError[] {
  return secrets.flatMap(({ name }, at) => {
    const first = secrets.findIndex((other) => other.name === name);
    return first === at
      ? []
      : [{ pointer: `/spec/secrets/${at}/name`, message: `is the name of /spec/secrets/${first} already` }];
  });
}

/** The variable that holds the number of the descriptor of a secret. Different names have different variables. */
export function secretVariable(name: string): string {
  return `SIGNALBOX_SECRET_${name.toUpperCase().replaceAll('-', '_')}_FD`;
}
