import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CHECKOUT, optionalProgram, until } from '@signalbox/testing';

const tmux = optionalProgram('tmux', 'tables in a real terminal of 80 columns');
const run = promisify(execFile);
const SOCKET = `signalbox-${process.pid}`;
const DONE = 'it-is-over';

const RUNS = ['succeeded', 'failed', 'retrying'].map((state, index) => ({
  runId: `run-5f0c1e7a9b3d2c4855aa01f${index}`,
  subscription: 'address-claims-of-the-cloud-edge',
  plugin: 'event-to-remote-claim',
  group: 'cloudedge',
  state,
  attempt: index,
  facts: [{ id: 'evt-0123456789abcdef' }],
  plannedAt: '2026-05-30T12:00:00.140Z',
  startedAt: '2026-05-30T12:00:00.140Z',
  endedAt: '2026-05-30T12:00:00.181Z',
  error: 'the plugin ended with exit code 2 after it had written 1,024 bytes to stderr',
  executions: [],
}));

let server: Server;
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items: RUNS, next: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  if (tmux) await run(tmux, ['-L', SOCKET, 'kill-server']).catch(() => undefined);
  server.close();
});

/** The lines of a terminal of so many columns after a command. */
async function screenOf(command: string, columns: number): Promise<string[]> {
  const { port } = server.address() as AddressInfo;
  const site = `--url http://127.0.0.1:${port} --token sbx_t`;
  const line = `'${process.execPath}' '${join(CHECKOUT, 'bin', 'signalbox')}' ${site} ${command}; echo ${DONE}; cat`;
  const name = `at-${columns}`;
  const size = ['-x', String(columns), '-y', '60'];
  await run(tmux!, ['-L', SOCKET, '-f', '/dev/null', 'new-session', '-d', '-s', name, ...size, line]);
  let lines: string[] = [];
  await until(`${command} has ended`, async () => {
    const { stdout } = await run(tmux!, ['-L', SOCKET, 'capture-pane', '-p', '-t', name]);
    lines = stdout.trimEnd().split('\n');
    return lines.includes(DONE);
  });
  return lines.filter((one) => one !== DONE && !one.startsWith('signalbox: '));
}

(tmux === undefined ? it.skip : it)(
  'a table takes a line for each row in a terminal, and more columns in a wider one',
  async () => {
    const narrow = await screenOf('run list', 80);
    expect(narrow[0]).toMatch(/^ID +SUBSCRIPTION +STATUS/);
    const rows = narrow.filter((line) => line.startsWith('run-'));
    expect(rows).toHaveLength(RUNS.length);
    for (const { runId, state } of RUNS) expect(rows.find((row) => row.startsWith(runId))).toContain(state);
    const wide = await screenOf('run list', 200);
    expect(wide[0]).toMatch(/PLUGIN .*STARTED .*ERROR$/);
    expect(wide.filter((line) => line.startsWith('run-'))).toHaveLength(RUNS.length);
  },
);
