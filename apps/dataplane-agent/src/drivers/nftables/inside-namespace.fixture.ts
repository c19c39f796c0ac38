import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from '@jest/globals';
import { CHECKOUT, tellNotRun } from '@signalbox/testing';
import { CONNTRACK, IP, NFT } from './nftables.fixture.js';

/** For hangs only: what is not over by then is killed. Milliseconds. */
const MOST_MS = 900_000;

/** Longest report of a run that came to no results. Characters. */
const MOST_REPORT_CHARACTERS = 10_000;

/** Variable that names the namespace to who runs in it. */
const NAMESPACE = 'SIGNALBOX_TEST_NAMESPACE';

/** What jest tells of one test. */
interface Told {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'todo' | 'skipped';
  readonly failureMessages: readonly string[];
}

/**
 * Runs the tests of a file inside a network namespace of their own, and tells each as a test here: they change rules of the
 * kernel, and Node cannot enter a namespace. `suite`: the name of the file, which no project of jest matches by itself. To be
 * awaited where tests are declared. `neighbours`: more namespaces that these tests use, which find their names by {@link neighbour}.
 */
export async function describeInside(suite: string, neighbours: readonly string[] = []): Promise<void> {
  const namespace = `sbx-nft-${process.pid}-${suite}`;
  const others = neighbours.map((name) => `${namespace}-${name}`);
  const lack = [NFT, CONNTRACK, IP].includes(undefined) ? 'a program is not installed' : open(namespace);
  if (lack !== undefined) {
    // what is not installed was told by who looked for it
    if (IP && NFT && CONNTRACK) tellNotRun(`the driver nftables (${suite})`, lack);
    it.skip(`not here: ${lack}`, () => undefined);
    return;
  }
  const remove = removeAtEnd([namespace, ...others]);
  try {
    for (const other of others) ip('netns', 'add', other);
    const { results, output } = await runInside(namespace, suite);
    describe(`inside a network namespace`, () => {
      if (results.length === 0) it('runs', () => fail(`no test of ${suite} was run: ${output}`));
      for (const { fullName, status, failureMessages } of results) {
        if (status === 'passed') it(fullName, () => undefined);
        else if (status === 'failed') it(fullName, () => fail(failureMessages.join('\n')));
        else it.skip(fullName, () => undefined);
      }
    });
  } finally {
    await remove();
  }
}

/** Name of another namespace of the tests that run in this one. */
export function neighbour(name: string): string {
  return `${process.env[NAMESPACE]}-${name}`;
}

/** Makes the namespace; what keeps this machine from it is told. */
function open(namespace: string): string | undefined {
  const failure = ip('netns', 'add', namespace);
  if (failure !== '') return `no network namespace can be made here: ${failure}`;
  const [loopback, rules] = [
    ip('-n', namespace, 'link', 'set', 'lo', 'up'),
    ip('netns', 'exec', namespace, NFT ?? '', 'list', 'tables'),
  ];
  if (loopback === '' && rules === '') return undefined;
  ip('netns', 'del', namespace);
  return `the kernel does not let rules be made: ${loopback}${rules}`;
}

/**
 * Takes namespaces away when it is called, and when this process ends in whatever way: a shell waits for the end of its input, in
 * a group of its own, so that no signal for the tests ends it.
 */
function removeAtEnd(namespaces: readonly string[]): () => Promise<void> {
  const script = 'cat >/dev/null; for one; do "$0" netns del "$one"; done';
  const shell = spawn('sh', ['-c', script, IP ?? '', ...namespaces], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return async () => {
    const ended = once(shell, 'exit');
    shell.stdin.end();
    await ended;
  };
}

async function runInside(
  namespace: string,
  suite: string,
): Promise<{ readonly results: readonly Told[]; readonly output: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'inside-'));
  const file = join(directory, 'results.json');
  try {
    const jest = spawn(
      IP ?? '',
      [
        ...['netns', 'exec', namespace, process.execPath],
        join(CHECKOUT, 'node_modules', 'jest', 'bin', 'jest.js'),
        ...['--config', JSON.stringify(await configOf(suite)), '--runInBand', '--testTimeout=120000'],
        ...['--json', `--outputFile=${file}`, '--forceExit'],
      ],
      {
        env: { ...process.env, [NAMESPACE]: namespace },
        cwd: CHECKOUT,
        stdio: ['ignore', 'pipe', 'pipe'],
        signal: AbortSignal.timeout(MOST_MS),
      },
    );
    let output = '';
    const hear = (text: unknown) => (output = `${output}${String(text)}`.slice(-MOST_REPORT_CHARACTERS));
    jest.stderr.setEncoding('utf8').on('data', hear);
    jest.stdout.resume();
    await once(jest, 'close').catch((error: unknown) => hear(error));
    return { results: existsSync(file) ? toldIn(readFileSync(file, 'utf8')) : [], output };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Tests of the file; one that could not even be read has none, and says why. */
function toldIn(json: string): readonly Told[] {
  const { testResults } = JSON.parse(json) as {
    readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly Told[] }[];
  };
  return testResults.flatMap(({ message, assertionResults }) =>
    assertionResults.length > 0
      ? assertionResults
      : [{ fullName: 'is read', status: 'failed', failureMessages: [message] }],
  );
}

/** What all tests are read with, for one file that is no test of any project. */
async function configOf(suite: string): Promise<object> {
  const url = pathToFileURL(join(CHECKOUT, 'jest.config.mjs')).href;
  const { default: config } = (await import(url)) as {
    default: { readonly projects: readonly Record<string, unknown>[] };
  };
  const { displayName: _name, testPathIgnorePatterns: _ignored, ...shared } = config.projects[0] ?? {};
  return { ...shared, rootDir: CHECKOUT, testMatch: [`<rootDir>/apps/**/${suite}.inside.fixture.ts`] };
}

/** What went wrong, `''` = nothing. */
function ip(...args: readonly string[]): string {
  const { error, status, stderr } = spawnSync(IP ?? '', args, { encoding: 'utf8' });
  return status === 0 ? '' : (error?.message ?? stderr.trim());
}

function fail(message: string): never {
  throw new Error(message);
}
