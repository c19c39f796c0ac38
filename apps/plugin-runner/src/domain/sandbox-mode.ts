import { CodedError, type PluginSpec, type SANDBOX_MODES, type SandboxMode } from '@signalbox/contracts';

/** From the least to the most. */
const STRICTNESS: readonly SandboxMode[] = [
  'off',
  'auto',
  'required',
] satisfies (typeof SANDBOX_MODES)[number][];

/** What holds for a plugin: the stricter of what the site says and what the plugin asks for. spec "Plugins". */
export function sandboxMode(site: SandboxMode, { sandbox = 'off' }: PluginSpec): SandboxMode {
  return STRICTNESS[Math.max(STRICTNESS.indexOf(site), STRICTNESS.indexOf(sandbox))]!;
}

/**
 * Whether a plugin runs in the sandbox. `fault`: why there is none on this machine, undefined when there is. Throws
 * `sandbox-unavailable` when the plugin may not run without.
 */
export function isSandboxed(site: SandboxMode, spec: PluginSpec, fault: string | undefined): boolean {
  const mode = sandboxMode(site, spec);
  if (mode === 'off') return false;
  if (fault === undefined) return true;
  if (mode === 'auto') return false;
  const by = sandboxMode('off', spec) === 'required' ? 'spec.sandbox' : 'SIGNALBOX_SANDBOX';
  throw new CodedError('sandbox-unavailable', `${by} is required, but there is no sandbox: ${fault}`);
}
