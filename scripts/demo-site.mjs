// What the demos share: numbered steps with their evidence, sites of their own, and an end that leaves nothing running.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endWithNpm, SIGNALS, statusOf } from './interruption.mjs';
import { ROOT } from './prepare.mjs';

const DEADLINE_MS = 30_000;
/** What has not ended by itself then is killed; servers of a killed site end with it. */
const STOP_MS = 20_000;

const run = promisify(execFile);
const children = new Set();
const interruption = new AbortController();
let step = 0;

/** Begins a step: says what it shows. */
export function say(title) {
  step += 1;
  console.log(`\n${step}. ${title}`);
}

/** How many steps have begun. */
export function stepsSaid() {
  return step;
}

/** What proves the step, below its title. */
export function evidence(text) {
  console.log(text.trimEnd().replace(/^/gm, '     '));
}

/**
 * A port that is free now on all these addresses, in the range of the demos; it joins `taken`.
 *
 * @throws {Error} EADDRNOTAVAIL when an address is not of this machine
 */
export async function pickPort(taken, addresses = ['127.0.0.1']) {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (taken.has(port) || !(await isFree(port, addresses))) continue;
    taken.add(port);
    return port;
  }
}

/** Whether nobody listens there. Throws as {@link pickPort}. */
export async function isFree(port, addresses = ['127.0.0.1']) {
  for (const address of addresses) {
    const probe = createServer();
    try {
      await once(probe.listen(port, address), 'listening');
    } catch (error) {
      if (error.code === 'EADDRNOTAVAIL') throw error;
      return false;
    }
    await new Promise((resolve) => probe.close(resolve));
  }
  return true;
}

/** Ports of a site. */
export async function pickSitePorts(taken) {
  return { api: await pickPort(taken), nats: await pickPort(taken), postgres: await pickPort(taken) };
}

/** Starts a Node program that must run until {@link end} or the end of the demo. */
export function startChild(name, args, { env = process.env, onText = () => {} } = {}) {
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const started = { name, child, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      started.output += text;
      onText(text);
    });
  }
  children.add(started);
  return started;
}

/** Ends a child, and waits until it is gone. */
export async function end(started, signal = 'SIGTERM') {
  children.delete(started);
  const { child } = started;
  if (isOver(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(kill);
}

/** Starts a site on servers of its own; its ports are in `ports.json` of the state directory. */
export function startSite({ name, node, state }) {
  const main = join(ROOT, 'dist', 'bundle', 'standalone.js');
  const env = {
    ...process.env,
    SIGNALBOX_NODE: node,
    SIGNALBOX_CACHE_DIR: join(ROOT, '.signalbox', 'cache'),
  };
  for (const own of ['NATS_URL', 'DATABASE_URL', 'HTTP_PORT']) delete env[own];
  return Object.assign(startChild(name, [main, '--state', state], { env }), { state });
}

/** Waits for a site; a first start also makes a database. */
export function isReady(site) {
  return until(`${site.name} to be ready`, () => site.output.includes('Signalbox is ready'), 120_000);
}

/**
 * Waits for a condition. The deadline is the only clock in a demo.
 *
 * @throws {Error} at the deadline, when a child is gone that must run, and on Ctrl-C
 */
export async function until(what, check, deadlineMs = DEADLINE_MS) {
  for (const deadline = Date.now() + deadlineMs; ;) {
    const found = await check();
    if (found) return found;
    interruption.signal.throwIfAborted();
    for (const { name, child } of children)
      if (isOver(child))
        throw new Error(`${name} ended by itself (${child.signalCode ?? `exit ${child.exitCode}`})`);
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the command prints; fails when it does not exit 0. */
export async function cli({ name, state }, ...args) {
  interruption.signal.throwIfAborted();
  const env = commandEnv(state);
  try {
    const { signal } = interruption;
    return (await run(process.execPath, [COMMAND, ...args], { env, signal })).stdout;
  } catch (error) {
    interruption.signal.throwIfAborted();
    throw new Error(`signalbox ${args.join(' ')} (${name}) exited ${error.code}\n${error.stderr}`, {
      cause: error,
    });
  }
}

/** The command as a child that goes on. */
export function startCli({ name, state }, args, onText) {
  return startChild(`signalbox ${args.join(' ')} (${name})`, [COMMAND, ...args], {
    env: commandEnv(state),
    onText,
  });
}

/** What the command prints as JSON. */
export async function json(site, ...args) {
  return JSON.parse(await cli(site, ...args, '-o', 'json'));
}

export function expect(what, actual, wanted) {
  if (JSON.stringify(actual) !== JSON.stringify(wanted)) {
    throw new Error(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(wanted)}`);
  }
}

/**
 * Runs a demo. Exit code 0 when every step held, 1 with the reason when one did not; when it was interrupted, as a shell
 * tells the signal (130 for Ctrl-C).
 */
export async function runDemo(steps) {
  let interruptedStatus;
  const interrupt = (why, status) => {
    interruptedStatus ??= status;
    interruption.abort(new Error(why));
  };
  for (const signal of SIGNALS)
    process.on(signal, () => interrupt(`interrupted by ${signal}`, statusOf(signal)));
  process.stdout.on('error', () => interrupt('nobody reads the output', statusOf('SIGPIPE')));
  endWithNpm();
  // Whatever ends us, nothing of ours goes on.
  process.on('exit', () => children.forEach(({ child }) => child.kill('SIGKILL')));
  try {
    await steps();
  } catch (error) {
    const isInterrupted = interruption.signal.aborted;
    console.error(isInterrupted ? `\n${interruption.signal.reason.message}` : failureText(error));
    process.exitCode = isInterrupted ? interruptedStatus : 1;
  }
  await Promise.all([...children].map((started) => end(started)));
}

const COMMAND = join(ROOT, 'bin', 'signalbox');

function commandEnv(state) {
  return { ...process.env, SIGNALBOX_CONTEXT: join(state, 'context.json') };
}

function isOver({ exitCode, signalCode }) {
  return exitCode !== null || signalCode !== null;
}

function failureText({ message }) {
  const outputs = [...children].map(({ name, output }) => `\n--- output of ${name}\n${output.slice(-4000)}`);
  return [`\nStep ${step} failed: ${message}`, ...outputs].join('\n');
}
