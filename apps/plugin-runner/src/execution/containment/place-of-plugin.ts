import { CodedError, type PluginSpec } from '@signalbox/contracts';
import { isSandboxed } from '../../domain/sandbox-mode.js';
import type { TrustedPlugin } from '../plugin-file.js';
import type { ProcessStart } from '../start-process.js';
import type { Containment } from './containment.js';
import { unreachable } from './plugin-user.js';

/**
 * Where a trusted plugin runs: in the sandbox or without, as which user. Throws `sandbox-unavailable` when it may not
 * run without one, `plugin-start-failed` when the user that plugins run as cannot get to its file.
 */
export function placeOfPlugin(
  spec: PluginSpec,
  { path, directory }: TrustedPlugin,
  containment: Containment,
): Pick<ProcessStart, 'containment' | 'sandboxFor'> {
  const { user, mode, fault } = containment;
  const inside = isSandboxed(mode, spec, containment.sandbox ? undefined : (fault ?? 'none was looked for'));
  const closed = user && unreachable(path, user);
  if (closed !== undefined)
    throw new CodedError(
      'plugin-start-failed',
      `the user ${user!.name}, as whom plugins run, cannot get to ${path}: chmod a+x ${closed}, or install it elsewhere`,
    );
  return {
    containment,
    ...(inside && { sandboxFor: { pluginDir: directory, network: spec.network === true } }),
  };
}
