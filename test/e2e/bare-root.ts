import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type CommandResult, optionalProgram, runCommand, tellNotRun } from '@signalbox/testing';

/** What every system has, beside Node: a shell, and what install.sh calls. */
const PROGRAMS = [
  ...[
    'sh',
    'tar',
    'gzip',
    'sha256sum',
    'cat',
    'cp',
    'mv',
    'ln',
    'mkdir',
    'rm',
    'rmdir',
    'chmod',
    'chown',
    'cut',
  ],
  ...['sed', 'grep', 'basename', 'dirname', 'readlink', 'id', 'env', 'sleep', 'ls', 'useradd', 'groupadd'],
];
/** With which a process gets another root, and mounts and processes of its own. */
const AROUND = ['unshare', 'chroot', 'mount'];
const WHAT = 'the install in a bare root';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Of glibc, which every system has as a whole; programs of ours are linked with these too. */
const GLIBC = ['librt.so.1', 'libdl.so.2', 'libpthread.so.0', 'libm.so.6', 'libnss_files.so.2'];

interface Found {
  readonly unshare: string;
  readonly chroot: string;
  readonly mount: string;
  readonly programs: readonly string[];
}

/** What the machine has for it; undefined, and told, where something is missing. */
export function bareRootPrograms(): Found | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    tellNotRun(WHAT, 'only root of a Linux can make one');
    return undefined;
  }
  const find = (name: string): string | undefined => optionalProgram(name, WHAT);
  const [unshare, chroot, mount] = AROUND.map(find);
  const programs = PROGRAMS.map(find);
  if (!unshare || !chroot || !mount || programs.some((program) => program === undefined)) return undefined;
  return { unshare, chroot, mount, programs: programs.filter((program) => program !== undefined) };
}

/** A root directory with a shell, a few tools and Node, and nothing else: no systemd, no npm, no git, no Python. */
export class BareRoot {
  private readonly running = new Set<ChildProcess>();

  constructor(
    readonly dir: string,
    private readonly found: Found,
  ) {
    for (const one of [
      'etc',
      'proc',
      'dev',
      'tmp',
      'usr/bin',
      'usr/sbin',
      'usr/lib',
      'usr/lib64',
      'var/lib',
      'root',
    ])
      mkdirSync(join(dir, one), { recursive: true });
    chmodSync(join(dir, 'tmp'), 0o1777);
    // as systems have it
    for (const one of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${one}`, join(dir, one));
    for (const program of found.programs) this.addProgram(program);
    this.addProgram(process.execPath, 'node');
    this.write(
      'etc/passwd',
      'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n',
    );
    this.write('etc/shadow', 'root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n', 0o640);
    this.write('etc/group', 'root:x:0:\nnogroup:x:65534:\n');
    this.write('usr/sbin/nologin', '#!/bin/sh\nexit 1\n', 0o755);
    this.write('etc/hosts', '127.0.0.1 localhost\n');
    this.write('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files\n');
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true });
    writeFileSync(join(this.dir, path), text, { mode });
  }

  /** Runs a command in it to its end. */
  run(command: readonly string[], user?: string): Promise<CommandResult> {
    const [program = '', ...args] = this.around(command, user);
    return runCommand(program, args, { env: { PATH, HOME: '/root', NO_COLOR: '1' } });
  }

  /** Starts a command in it, as the process that is returned. */
  start(command: readonly string[], user: string, onOutput: (text: string) => void): ChildProcess {
    const [program = '', ...args] = this.around(command, user);
    const child = spawn(program, args, { env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onOutput);
    this.running.add(child);
    child.on('exit', () => this.running.delete(child));
    return child;
  }

  /** kill -9 of what still runs. */
  close(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }

  /** A shell gives it the devices and processes that every system has, and becomes the command. */
  private around(command: readonly string[], user?: string): readonly string[] {
    const { unshare, chroot, mount } = this.found;
    const mounts = '"$2" --rbind /dev "$1/dev" && "$2" --rbind /proc "$1/proc"';
    const account = user === undefined ? [] : [`--userspec=${user}:${user}`];
    return [
      ...[unshare, '--mount', '/bin/sh', '-c', `${mounts} && shift 2 && exec "$@"`],
      ...['sh', this.dir, mount, chroot, ...account, this.dir, ...command],
    ];
  }

  /** With the libraries that it is linked with. */
  private addProgram(file: string, name = basename(file)): void {
    const place = file.includes('/sbin/') ? 'usr/sbin' : 'usr/bin';
    cpSync(realpathSync(file), join(this.dir, place, name));
    for (const library of librariesOf(file)) this.addLibrary(library);
  }

  private addLibrary(library: string): void {
    const isLibc = basename(library) === 'libc.so.6';
    const siblings = isLibc
      ? GLIBC.map((name) => join(dirname(library), name)).filter((one) => existsSync(one))
      : [];
    for (const one of [library, ...siblings]) {
      const target = join(this.dir, one.startsWith('/usr/') ? one : `usr${one}`);
      if (existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      cpSync(realpathSync(one), target);
    }
  }
}

/** The loader tells, when it is asked this way, and runs nothing. A program that is not linked has none. */
function librariesOf(file: string): string[] {
  const env = { LD_TRACE_LOADED_OBJECTS: '1' };
  const text = execFileSync(realpathSync(file), { env, encoding: 'utf8' });
  return [...text.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path]) => path!);
}
