import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT, runCommand } from '@signalbox/testing';

/** Two sites with servers of their own start in it; a first start also makes two databases. */
const DEMO_MS = 180_000;

describe('the demo', () => {
  it(
    'S1 exits 0 and prints the evidence of every step',
    async () => {
      const { code, stdout, stderr } = await runCommand('npm', ['run', 'demo'], { cwd: CHECKOUT });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('failed')]);

      const steps = [...stdout.matchAll(/^(\d+)\. (.*)$/gm)].map(([, number]) => Number(number));
      expect(steps.length).toBeGreaterThanOrEqual(7);
      expect(steps).toEqual(steps.map((_step, index) => index + 1));
      const id = /evt-demo-[0-9a-f]{12}/.exec(stdout)?.[0] ?? 'no fact was named';
      const lines = stdout.split('\n').map((line) => line.replaceAll(/\s+/g, ' ').trim());
      const shown = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line));
      expect(shown(new RegExp(`^${id} cloudedge onprem-event-node .* 10.88.60.9/32 `))).toBeDefined();
      expect(shown(new RegExp(`^${id} cloud delivered 1 `))).toBeDefined();
      expect(
        shown(new RegExp(` cloud-claims ${id} cloudedge event-to-remote-claim succeeded 1 `)),
      ).toBeDefined();
      expect(shown(/^EventSubscription\/cloud-claims\/[0-9a-f]{16} \d+ active 1 /)).toBeDefined();
      expect(stdout).toContain('"name": "onprem-10-88-60-9"');
      expect(stdout).toContain(`"routerd.net/event-id": "${id}"`);
      expect(
        shown(/^\+ hybrid\.routerd\.net\/v1alpha1\/RemoteAddressClaim\/onprem-10-88-60-9 source=/),
      ).toBeDefined();
      expect(stdout).toContain('cloud-claims: matched');
      expect(stdout).toMatch(new RegExp(`^Done: .* All ${steps.length} steps hold `, 'm'));
    },
    DEMO_MS,
  );

  it(
    'S5 exits non-zero and names the step when its plugin is in no plugin directory',
    async () => {
      const elsewhere = await mkdtemp(join(tmpdir(), 'signalbox-no-plugins-'));
      try {
        const { code, stdout, stderr } = await runCommand(process.execPath, ['scripts/demo.mjs'], {
          cwd: CHECKOUT,
          env: { ...process.env, SIGNALBOX_PLUGIN_DIRS: elsewhere },
        });
        expect(code).toBe(1);
        expect(stdout).not.toContain('Done:');
        expect(stderr).toMatch(/^Step 5 failed: state of the run is "failed", expected "succeeded"/m);
      } finally {
        await rm(elsewhere, { recursive: true });
      }
    },
    DEMO_MS,
  );
});
