import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FileSinkSpec, sha256Hex, type SinkContent } from '@signalbox/contracts';
import { SystemClock } from '@signalbox/runtime';
import { CHECKOUT, until } from '@signalbox/testing';
import { type SinkDocument, SinkFault } from '../sink-target.js';
import { chooseCommandUser } from './command-user.js';
import { FileTarget, type FileTools } from './file-target.js';

const NEVER = new AbortController().signal;
const BUILT = pathToFileURL(join(CHECKOUT, 'dist/apps/sinks/src/file/file-target.js')).href;

/** What a process does that applies one document and is killed before a step, or once it has applied it. */
const APPLIER = `
  const [given] = process.argv.slice(1);
  const { spec, tools, text, digest, known, killAt } = JSON.parse(given);
  const { FileTarget } = await import(${JSON.stringify(BUILT)});
  const die = () => process.kill(process.pid, 'SIGKILL');
  const onStep = (step) => step === killAt && die();
  const target = new FileTarget('edge', spec, { ...tools, clock: { now: () => Date.now() }, onStep });
  const signal = new AbortController().signal;
  const known2 = await target.recover(known ?? undefined, signal);
  const document = { generation: 2, resources: [], bytes: Buffer.from(text), digest };
  await target.apply(document, known2, signal);
  die();
`;

let top: string;
let dir: string;
let path: string;
let tools: FileTools;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'signalbox-sink-'));
  for (const one of ['sinks', 'commands', 'state']) mkdirSync(join(top, one), { mode: 0o755 });
  dir = join(top, 'sinks');
  path = join(dir, 'site.conf');
  tools = {
    stateDir: join(top, 'state'),
    settings: { dirs: [dir], commandDirs: [join(top, 'commands')] },
    searchPath: '/usr/bin:/bin',
    clock: new SystemClock(),
  };
});

afterEach(() => rmSync(top, { recursive: true, force: true }));

/** A program of the site. It finds the directory of the test in `$1`, the file in `$2`. */
function program(name: string, script: string): [string, string, string] {
  const file = join(top, 'commands', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  chmodSync(file, 0o755);
  return [file, top, '{file}'];
}

/** Programs that do what they find in the files `refuse-check` and so on; `reload` and `verify` note what they saw. */
function programs(): Pick<FileSinkSpec, 'check' | 'reload' | 'verify'> {
  const obey = (name: string): string =>
    `[ -e "$1/refuse-${name}" ] && { echo "${name} says no to $(cat "$2")" >&2; exit 3; }; exit 0`;
  return {
    check: { argv: program('check', obey('check')) },
    reload: {
      argv: program('reload', `cat "$2" >"$1/running" 2>/dev/null || rm -f "$1/running"; ${obey('reload')}`),
    },
    verify: { argv: program('verify', obey('verify')) },
  };
}

/** What the program that reads the file runs with. */
function running(): string | undefined {
  return existsSync(join(top, 'running')) ? readFileSync(join(top, 'running'), 'utf8') : undefined;
}

function refuse(name: string, isRefused = true): void {
  if (isRefused) writeFileSync(join(top, `refuse-${name}`), '');
  else rmSync(join(top, `refuse-${name}`), { force: true });
}

function documentOf(text: string, generation = 1): SinkDocument {
  return { generation, resources: [], bytes: Buffer.from(text), digest: sha256Hex(text) };
}

function target(spec: Partial<FileSinkSpec> = {}, more: Partial<FileTools> = {}): FileTarget {
  return new FileTarget('edge', { path, ...spec }, { ...tools, ...more });
}

async function faultOf(work: Promise<unknown>): Promise<SinkFault> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SinkFault) return error;
  throw error ?? new Error('nothing failed');
}

const content = (): string => readFileSync(path, 'utf8');

describe('a file of a sink', () => {
  it('S15 is written whole, with its mode, and leaves nothing else behind', async () => {
    const applied = await target({ mode: '0640' }).apply(documentOf('one\n', 7), undefined, NEVER);
    expect(applied).toMatchObject({ generation: 7, digest: sha256Hex('one\n'), bytes: 4, place: path });
    expect(content()).toBe('one\n');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(dir)).toEqual(['site.conf']);
  });

  it('is checked before, taken up and verified after', async () => {
    const steps: string[] = [];
    const one = target(programs(), { onStep: (step) => steps.push(step) });
    await one.apply(documentOf('one\n'), undefined, NEVER);
    expect(steps).toEqual(['write', 'check', 'keep', 'begin', 'rename', 'reload', 'verify', 'finish']);
    expect(running()).toBe('one\n');
  });

  it('stays as it is when the check refuses the new one', async () => {
    const one = target(programs());
    const known = await one.apply(documentOf('one\n'), undefined, NEVER);
    refuse('check');
    const fault = await faultOf(one.apply(documentOf('two\n'), known, NEVER));
    expect(fault).toMatchObject({ step: 'check', body: { code: 'sink-command' }, mayPass: false });
    expect(fault.body.message).toMatch(/^check \(.*\) exited with 3$/);
    expect(fault.output).toBe('check says no to two\n');
    expect([content(), running(), readdirSync(dir)]).toEqual(['one\n', 'one\n', ['site.conf']]);
  });

  it.each(['reload', 'verify'] as const)(
    'is put back, and taken up again, when the %s fails',
    async (step) => {
      const one = target(programs());
      const known = await one.apply(documentOf('one\n'), undefined, NEVER);
      refuse(step);
      const fault = await faultOf(one.apply(documentOf('two\n'), known, NEVER));
      expect(fault).toMatchObject({ step, output: `${step} says no to two\n` });
      expect([content(), running(), readdirSync(dir)]).toEqual(['one\n', 'one\n', ['site.conf']]);
      if (step === 'reload') expect(fault.body.message).toContain('; with the file before: reload');
      expect(await one.drift(known)).toBeUndefined();
      expect(await target(programs()).recover(known, NEVER)).toEqual(known);
    },
  );

  it('is gone again when there was none before and its verify fails', async () => {
    refuse('verify');
    const one = target(programs());
    expect(await faultOf(one.apply(documentOf('one\n'), undefined, NEVER))).toMatchObject({ step: 'verify' });
    expect([readdirSync(dir), running()]).toEqual([[], undefined]);
    expect(await target(programs()).recover(undefined, NEVER)).toBeUndefined();
  });

  it('gets back what it had before the sink was there', async () => {
    writeFileSync(path, 'by hand\n');
    refuse('verify');
    await faultOf(target(programs()).apply(documentOf('one\n'), undefined, NEVER));
    expect([content(), running()]).toEqual(['by hand\n', 'by hand\n']);
  });

  it('ends a command that hangs, with all of its group', async () => {
    const argv = program('hang', `trap '' TERM; sleep 1000 & echo "$!" >"$1/child"; wait; sleep 1000`);
    const fault = await faultOf(
      target({ check: { argv, timeout: '300ms' } }).apply(documentOf('one\n'), undefined, NEVER),
    );
    expect(fault.body.message).toMatch(/did not end within 300 ms$/);
    const child = Number(readFileSync(join(top, 'child'), 'utf8'));
    await until('its child to be gone', () => !isAlive(child));
    expect(readdirSync(dir)).toEqual([]);
  }, 30_000);

  it('keeps the end of 10 MB of output, and takes no harm', async () => {
    const argv = program(
      'flood',
      `i=0; while [ $i -lt 160 ]; do head -c 65536 /dev/zero; i=$((i+1)); done; echo the end; exit 4`,
    );
    const fault = await faultOf(target({ check: { argv } }).apply(documentOf('one\n'), undefined, NEVER));
    expect(fault.body.message).toMatch(/exited with 4$/);
    expect(Buffer.byteLength(fault.output!)).toBeLessThanOrEqual(8192);
    expect(fault.output).toMatch(/^\uFFFD+the end\n$/);
  }, 60_000);

  it('a command gets a clean environment, no input, and words that no shell reads', async () => {
    const [file] = program('look', `env >"$1"; pwd >>"$1"; wc -c >>"$1"; echo "$2" >>"$1"`);
    const odd = '$(touch /tmp/never); "x"';
    await target({ check: { argv: [file, join(top, 'seen'), odd] } }).apply(
      documentOf('one\n'),
      undefined,
      NEVER,
    );
    const seen = readFileSync(join(top, 'seen'), 'utf8').split('\n');
    expect(seen.filter((line) => /^\w+=/.test(line) && !/^(PWD|_|SHLVL|OLDPWD)=/.test(line))).toEqual([
      'PATH=/usr/bin:/bin',
    ]);
    expect(seen.slice(-4)).toEqual(['/', '0', odd, '']);
  });

  it('starts no program that others could change, or that is elsewhere', async () => {
    const [file] = program('open', 'exit 0');
    const refusal = async (argv: readonly string[]): Promise<string> => {
      const fault = await faultOf(target({ check: { argv } }).apply(documentOf('one\n'), undefined, NEVER));
      expect(fault).toMatchObject({ step: 'check', body: { code: 'sink-program' }, mayPass: true });
      return fault.body.message;
    };
    expect(await refusal(['/bin/true'])).toMatch(/is not inside a directory of commands/);
    expect(await refusal([join(top, 'commands', 'missing')])).toMatch(
      /cannot be found \(ENOENT\): install it/,
    );
    symlinkSync('/bin/true', join(top, 'commands', 'link'));
    expect(await refusal([join(top, 'commands', 'link')])).toMatch(/\(in truth .*true\) is not inside/);
    chmodSync(file, 0o775);
    expect(await refusal([file])).toMatch(/can be written by its group .*: chmod go-w /);
    chmodSync(file, 0o644);
    expect(await refusal([file])).toMatch(/is not executable: chmod a\+x /);
    chmodSync(file, 0o755);
    chmodSync(join(top, 'commands'), 0o777);
    expect(await refusal([file])).toMatch(/commands can be written by .*: chmod go-w /);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is never written through a symlink, nor outside of the directories of sinks', async () => {
    const elsewhere = join(top, 'state', 'elsewhere');
    writeFileSync(elsewhere, 'precious\n');
    const refusal = async (spec: Partial<FileSinkSpec> = {}): Promise<string> => {
      const fault = await faultOf(target(spec).apply(documentOf('one\n'), undefined, NEVER));
      expect(fault).toMatchObject({ step: 'write', body: { code: 'sink-place' }, mayPass: true });
      return fault.body.message;
    };
    symlinkSync(elsewhere, path);
    expect(await refusal()).toMatch(/site\.conf is a symlink: remove it/);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    symlinkSync(join(top, 'state'), join(dir, 'sub'));
    expect(await refusal({ path: join(dir, 'sub', 'elsewhere') })).toMatch(
      /is a symlink: use real directories/,
    );
    expect(await refusal({ path: elsewhere })).toMatch(
      /is not below a directory of sinks .*SIGNALBOX_SINK_DIRS/,
    );
    expect(await refusal({ path: `${dir}/../state/elsewhere` })).toMatch(/is not a plain absolute path/);
    mkdirSync(join(dir, 'directory'));
    expect(await refusal({ path: join(dir, 'directory') })).toMatch(/is no regular file/);
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious\n');
  });

  it('is not written through a symlink that stands where the new file is prepared', async () => {
    const elsewhere = join(top, 'state', 'elsewhere');
    writeFileSync(elsewhere, 'precious\n');
    symlinkSync(elsewhere, join(dir, '.site.conf.signalbox-new'));
    await target().apply(documentOf('one\n'), undefined, NEVER);
    expect([content(), readFileSync(elsewhere, 'utf8')]).toEqual(['one\n', 'precious\n']);
  });

  it('waits for a directory that is gone, and is written once it is back', async () => {
    const one = target();
    const known = await one.apply(documentOf('one\n'), undefined, NEVER);
    renameSync(dir, `${dir}-away`);
    expect(await one.drift(known)).toEqual({ what: `${path} is gone`, isGone: true });
    const fault = await faultOf(one.apply(documentOf('two\n'), known, NEVER));
    expect(fault).toMatchObject({ step: 'write', body: { code: 'sink-write' }, mayPass: true });
    expect(fault.body.message).toMatch(/ENOENT: make the directory$/);
    renameSync(`${dir}-away`, dir);
    await one.apply(documentOf('two\n'), known, NEVER);
    expect(content()).toBe('two\n');
  });

  it('is given to users and groups that there are', async () => {
    const fault = await faultOf(
      target({ owner: 'nobody-at-all' }).apply(documentOf('one\n'), undefined, NEVER),
    );
    expect(fault.body.message).toMatch(/there is no user "nobody-at-all" in \/etc\/passwd/);
    if (process.getuid?.() !== 0) return;
    await target({ owner: '4321', group: 'daemon' }).apply(documentOf('one\n'), undefined, NEVER);
    expect([statSync(path).uid, statSync(path).gid]).toEqual([4321, 1]);
  });

  (process.getuid?.() === 0 ? it : it.skip)(
    'is checked, reloaded and verified by another user with its own group alone, and written by us',
    async () => {
      const commandUser = chooseCommandUser('4321:4322', { ourUid: 0, passwd: '' })!;
      // it has to get to the file and to its programs
      chmodSync(top, 0o711);
      const seen = join(top, 'seen');
      mkdirSync(seen);
      chownSync(seen, 4321, 4322);
      const noting = (name: string): { readonly argv: [string, string, string] } => ({
        argv: program(name, `echo "$(id -u) $(id -g) $(id -G) $(cat "$2")" >"$1/seen/${name}"`),
      });
      const spec = { check: noting('check'), reload: noting('reload'), verify: noting('verify') };
      const ours = process.getgroups!();
      process.setgroups!([0, 4, 24]);
      try {
        await target(spec, { commandUser }).apply(documentOf('one\n'), undefined, NEVER);
      } finally {
        process.setgroups!(ours);
      }
      for (const name of ['check', 'reload', 'verify']) {
        expect(readFileSync(join(seen, name), 'utf8')).toBe('4321 4322 4322 one\n');
        expect(statSync(join(seen, name)).uid).toBe(4321);
      }
      expect([statSync(path).uid, statSync(path).gid]).toEqual([0, 0]);
      // a file that it may not read is refused by its own check, and nothing is replaced
      const fault = await faultOf(
        target({ check: { argv: program('check', 'cat "$2"') }, mode: '0600' }, { commandUser }).apply(
          documentOf('two\n'),
          undefined,
          NEVER,
        ),
      );
      expect([fault.step, fault.body.code, fault.output]).toEqual([
        'check',
        'sink-command',
        expect.stringContaining('Permission denied'),
      ]);
      expect(readFileSync(path, 'utf8')).toBe('one\n');
    },
  );

  it('tells what somebody changed: content, mode, kind, and that it is gone', async () => {
    const one = target();
    const known = await one.apply(documentOf('one\n'), undefined, NEVER);
    expect(await one.drift(known)).toBeUndefined();
    expect(await one.drift(known)).toBeUndefined();
    chmodSync(path, 0o600);
    expect(await one.drift(known)).toEqual({ what: `${path} has the mode 0600, not 0644`, isGone: true });
    chmodSync(path, 0o644);
    writeFileSync(path, 'two\n');
    expect(await one.drift(known)).toMatchObject({
      isGone: false,
      what: expect.stringMatching(/4 bytes of sha256/),
    });
    rmSync(path);
    expect(await one.drift(known)).toMatchObject({ isGone: true });
    symlinkSync('/etc/passwd', path);
    expect(await one.drift(known)).toEqual({ what: `${path} is no regular file any more`, isGone: false });
  });

  it('hints that somebody may have changed it', async () => {
    const one = target();
    const known = await one.apply(documentOf('one\n'), undefined, NEVER);
    let hints = 0;
    one.watch(() => (hints += 1));
    writeFileSync(path, 'by hand\n');
    await until('a hint', () => hints > 0);
    expect(await one.drift(known)).toBeDefined();
    await one.stop();
  });

  it('knows what it applied although its record was lost', async () => {
    const first = await target().apply(documentOf('one\n'), undefined, NEVER);
    const second = await target().apply(documentOf('two\n', 2), first, NEVER);
    expect(await target().recover(first, NEVER)).toEqual(second);
    // the other way round the records know more: the directory with the state is an older one
    const later: SinkContent = { ...second, generation: 9, at: '2999-01-01T00:00:00.000Z' };
    expect(await target().recover(later, NEVER)).toEqual(later);
  });

  it('leaves a command alone that the service stops with, and goes on when it starts', async () => {
    const one = target(programs());
    const known = await one.apply(documentOf('one\n'), undefined, NEVER);
    const stop = new AbortController();
    const slow = program('slow', `touch "$1/reloading"; sleep 1000`);
    const applying = target({ ...programs(), reload: { argv: slow } }).apply(
      documentOf('two\n'),
      known,
      stop.signal,
    );
    const ended = expect(applying).rejects.toThrow('the service stops during reload');
    await until('the reload', () => existsSync(join(top, 'reloading')));
    stop.abort();
    await ended;
    expect(await target(programs()).recover(known, NEVER)).toMatchObject({ digest: sha256Hex('two\n') });
    expect([content(), running()]).toEqual(['two\n', 'two\n']);
  });
});

describe('S15 a process that is killed while it applies', () => {
  const BEFORE_RENAME = ['write', 'check', 'keep', 'begin', 'rename'] as const;
  const AFTER_RENAME = ['reload', 'verify', 'finish'] as const;

  /** Applies `two` in a process that is killed before a step, without one once all of them are done. */
  async function applyAndDie(
    known: SinkContent | undefined,
    killAt?: string,
    spec = programs(),
  ): Promise<void> {
    const given = {
      ...{ spec: { path, ...spec }, text: 'two\n', digest: sha256Hex('two\n'), known: known ?? null, killAt },
      tools: { stateDir: tools.stateDir, settings: tools.settings, searchPath: tools.searchPath },
    };
    const child = spawn(process.execPath, ['--input-type=module', '-e', APPLIER, JSON.stringify(given)], {
      cwd: CHECKOUT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  }

  async function applyOne(): Promise<SinkContent> {
    return target(programs()).apply(documentOf('one\n'), undefined, NEVER);
  }

  it.each(BEFORE_RENAME)('before %s: the file is the one before', async (step) => {
    const known = await applyOne();
    await applyAndDie(known, step);
    expect(content()).toBe('one\n');
    expect(await target(programs()).recover(known, NEVER)).toEqual(known);
    expect([content(), running(), readdirSync(dir)]).toEqual(['one\n', 'one\n', ['site.conf']]);
  });

  it.each(AFTER_RENAME)('before %s: the file is the new one, once it is taken up', async (step) => {
    const known = await applyOne();
    await applyAndDie(known, step);
    expect(content()).toBe('two\n');
    const recovered = await target(programs()).recover(known, NEVER);
    expect(recovered).toMatchObject({ generation: 2, digest: sha256Hex('two\n') });
    expect([content(), running(), readdirSync(dir)]).toEqual(['two\n', 'two\n', ['site.conf']]);
    expect(await target(programs()).recover(known, NEVER)).toEqual(recovered);
  });

  it.each(AFTER_RENAME)(
    'before %s: the file is the one before, when the new one is not taken up',
    async (step) => {
      const known = await applyOne();
      await applyAndDie(known, step);
      refuse('verify');
      expect(await target(programs()).recover(known, NEVER)).toEqual(known);
      expect([content(), running(), readdirSync(dir)]).toEqual(['one\n', 'one\n', ['site.conf']]);
      refuse('verify', false);
      expect(await target(programs()).recover(known, NEVER)).toEqual(known);
      expect(content()).toBe('one\n');
    },
  );

  it('while the program reloads', async () => {
    const known = await applyOne();
    const deadly = { ...programs(), reload: { argv: program('deadly', 'kill -9 "$PPID"') } };
    await applyAndDie(known, undefined, deadly);
    expect(content()).toBe('two\n');
    expect(await target(programs()).recover(known, NEVER)).toMatchObject({ digest: sha256Hex('two\n') });
    expect(running()).toBe('two\n');
  });

  it('after the file was put back and before the program knows', async () => {
    const known = await applyOne();
    // the second reload is that of the file before
    const deadly = `cat "$2" >"$1/running"; [ -e "$1/reloaded" ] && kill -9 "$PPID"; touch "$1/reloaded"`;
    refuse('verify');
    const spec = { ...programs(), reload: { argv: program('deadly', deadly) } };
    await applyAndDie(known, undefined, spec);
    writeFileSync(join(top, 'running'), 'two\n');
    expect(content()).toBe('one\n');
    expect(await target(programs()).recover(known, NEVER)).toEqual(known);
    expect([content(), running()]).toEqual(['one\n', 'one\n']);
  });

  it('when all is done and no record says so', async () => {
    const known = await applyOne();
    await applyAndDie(known);
    const recovered = await target(programs()).recover(known, NEVER);
    expect(recovered).toMatchObject({ generation: 2, digest: sha256Hex('two\n') });
    expect(await target(programs()).drift(recovered!)).toBeUndefined();
  });

  it.each(['check', 'rename', 'verify'])('before %s, without a file before', async (step) => {
    await applyAndDie(undefined, step);
    const isNew = (AFTER_RENAME as readonly string[]).includes(step);
    expect(existsSync(path)).toBe(isNew);
    const recovered = await target(programs()).recover(undefined, NEVER);
    expect(recovered?.digest).toBe(isNew ? sha256Hex('two\n') : undefined);
    expect(readdirSync(dir)).toEqual(isNew ? ['site.conf'] : []);
  });
});

function isAlive(pid: number): boolean {
  try {
    // a zombie that nobody has waited for is dead
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
