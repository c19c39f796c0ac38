import { describe, expect, it } from '@jest/globals';
import { SANDBOX_MODES, type PluginSpec } from '@signalbox/contracts';
import { isSandboxed, sandboxMode } from './sandbox-mode.js';

const plugin = (sandbox?: PluginSpec['sandbox']): PluginSpec => ({
  executable: '/x',
  ...(sandbox && { sandbox }),
});

describe('P17 whether a plugin runs in the sandbox', () => {
  it('is as the site says, and a plugin may ask for more, never for less', () => {
    const table = SANDBOX_MODES.map((site) =>
      [undefined, ...SANDBOX_MODES].map((own) => sandboxMode(site, plugin(own))),
    );
    expect(table).toEqual([
      ['auto', 'auto', 'required', 'auto'],
      ['required', 'required', 'required', 'required'],
      ['off', 'auto', 'required', 'off'],
    ]);
  });

  it('where there is none: auto runs without, required does not run', () => {
    expect(isSandboxed('auto', plugin(), undefined)).toBe(true);
    expect(isSandboxed('off', plugin(), undefined)).toBe(false);
    expect(isSandboxed('auto', plugin(), 'no bwrap')).toBe(false);
    const refused = (by: string): object => ({
      code: 'sandbox-unavailable',
      message: `${by} is required, but there is no sandbox: no bwrap`,
    });
    expect(() => isSandboxed('required', plugin('auto'), 'no bwrap')).toThrow(
      expect.objectContaining(refused('SIGNALBOX_SANDBOX')),
    );
    expect(() => isSandboxed('off', plugin('required'), 'no bwrap')).toThrow(
      expect.objectContaining(refused('spec.sandbox')),
    );
  });
});
