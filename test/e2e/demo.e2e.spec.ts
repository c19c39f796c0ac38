import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT, optionalProgram, runCommand } from '@signalbox/testing';
import { HealthDemo } from './health-demo.js';

/** Sites with servers of their own start in it; a first start also makes their databases. */
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
      expect(shown(new RegExp(`^${id} cloud-event-node delivered 1 `))).toBeDefined();
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

describe('the demo of health checking', () => {
  it(
    'exits 0 and shows failover, recovery, operators and history as they happen',
    async () => {
      const { code, stdout, stderr } = await runCommand('npm', ['run', 'demo:health'], { cwd: CHECKOUT });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('failed')]);

      const steps = [...stdout.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
      expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      const live = [...stdout.matchAll(/^ +\d\d:\d\d:\d\d\.\d{3} {2}(backend \S+ {2}.*)$/gm)].map(
        ([, line]) => line,
      );
      expect(live).toEqual(
        expect.arrayContaining([
          'backend web1  up -> down  L4CON connection refused',
          'backend web2  up -> down  L4CON connection refused',
          'backend web1  down -> up  L7OK HTTP 200',
          expect.stringMatching(/^backend web2 {2}up -> disabled {2}disabled .* by .*: disk swap$/),
          'backend web2  unknown -> up  L7OK HTTP 200',
        ]),
      );
      expect(stdout).toMatch(/ frontend shop {2}up, pool fallback: .*web3 100 \(active\)$/m);
      expect(stdout).toMatch(/why: pool fallback is active and web3 is up: configured weight 100$/m);
      expect(stdout).toMatch(/^ +backend-down {2}web1 .* L4CON connection refused/m);
      expect(stdout).toMatch(/^ +web1 weight 10 effective 10$/m);
      expect(stdout).toMatch(/up -> disabled +disabled .* by .*: disk swap$/m);
      expect(stdout).toMatch(/^Done: all 10 steps hold /m);
    },
    DEMO_MS,
  );

  it(
    'exits 1 and names the server when one is killed behind its back',
    async () => {
      const demo = new HealthDemo();
      process.kill(await demo.serverPid('web3'), 'SIGKILL');
      expect(await demo.ended).toBe(1);
      expect(demo.stdout).not.toContain('Done:');
      expect(demo.stderr).toMatch(/^Step \d+ failed: web3 ended by itself \(SIGKILL\)$/m);
    },
    DEMO_MS,
  );

  it(
    'exits 130 on Ctrl-C and leaves nothing running',
    async () => {
      const demo = new HealthDemo();
      const pids = [await demo.serverPid('web1'), await demo.serverPid('web2'), await demo.serverPid('web3')];
      await demo.step(3);
      const file = join(CHECKOUT, '.signalbox', 'demo', 'health', 'site', 'ports.json');
      const ports = Object.values(JSON.parse(await readFile(file, 'utf8')) as Record<string, number>);
      expect(await Promise.all(ports.map(isListening))).toEqual([true, true, true]);
      demo.interrupt();
      expect(await demo.ended).toBe(130);
      expect(demo.stderr).toContain('interrupted by SIGINT');
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      expect(await Promise.all(ports.map(isListening))).toEqual([false, false, false]);
    },
    DEMO_MS,
  );
});

describe.each(['sim', 'haproxy'])('the demo of load balancing on %s', (driver) => {
  const program = optionalProgram('haproxy', 'the demo of load balancing on HAProxy');
  const withDriver = driver === 'haproxy' && program === undefined ? it.skip : it;

  withDriver(
    'exits 0 and shows how traffic moves',
    async () => {
      const args = ['run', 'demo:lb', '--', '--driver', driver];
      const env = { ...process.env, ...(program !== undefined && { SIGNALBOX_HAPROXY_BIN: program }) };
      const { code, stdout, stderr } = await runCommand('npm', args, { cwd: CHECKOUT, env });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('failed')]);

      const steps = stdout.split(/^(?=\d+\. )/m);
      const spread = (step: number): string[] =>
        [...steps[step]!.matchAll(/ s1 +(\d+) .* s2 +(\d+) .* s3 +(\d+) .*failed (\d+)$/gm)].map((line) =>
          line.slice(1).join(' '),
        );
      expect(steps).toHaveLength(9);
      expect(spread(3)).toContain('20 20 20 0');
      expect(spread(4).at(-1)).toBe('30 0 30 0');
      expect(spread(5).at(-1)).toBe('20 20 20 0');
      expect(spread(6).at(-1)).toBe('30 30 0 0');
      expect(spread(7).at(-1)).toBe('20 20 20 0');
      expect(spread(8).at(-1)).toBe('12 24 24 0');
      expect(steps[8]).toMatch(new RegExp(`^ +local {2}${driver} {2}applied {2}listens at 127.0.0.1:`, 'm'));
      expect(stdout).toMatch(/^Done: all 8 steps hold /m);
    },
    DEMO_MS,
  );
});

it('the demo of load balancing names the drivers that there are', async () => {
  const { code, stderr } = await runCommand(process.execPath, ['scripts/demo-lb.mjs', '--driver', 'vpp'], {
    cwd: CHECKOUT,
  });
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('--driver vpp is not known: choose sim or haproxy'),
  ]);
});

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
