// Network namespaces that end with us, whatever ends us, and everything that runs in them.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { programFile } from './programs.mjs';

const PREFIX = 'sbx-ha';
/** Worlds that one machine can have at once. */
const MOST_WORLDS = 250;

/**
 * Ends what runs in the namespaces and takes them away, with the directory of the world, as soon as its input ends: in a session of its
 * own, so that no signal for us ends it before.
 */
const GUARD = `
cat >/dev/null
number=$1 directory=$2; shift 2
for name; do "$0" netns pids "$name" 2>/dev/null | while read -r pid; do kill -9 "$pid" 2>/dev/null; done; done
for device in s m; do "$0" link del "sbha$number$device" 2>/dev/null; done
for name; do "$0" netns del "$name" 2>/dev/null; done
rm -rf "$directory"
exit 0`;

/** Namespaces of one world. */
export class Namespaces {
  #ip = programFile('ip');
  #names;
  #guard;

  /**
   * @param {readonly string[]} machines the first of them claims the number of the world
   * @param {string} directory is removed with them
   */
  constructor(machines, directory) {
    this.#claim(machines[0]);
    this.#names = machines.map((machine) => this.nameOf(machine));
    this.#guard = spawn('/bin/sh', ['-c', GUARD, this.#ip, String(this.number), directory, ...this.#names], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    for (const machine of machines.slice(1)) this.#must(this.#ip, ['netns', 'add', this.nameOf(machine)]);
    for (const machine of machines) this.ip(machine, 'link set lo up');
  }

  /** The name of the namespace of a machine. */
  nameOf(machine) {
    return `${PREFIX}-${this.number}-${machine}`;
  }

  /** `ip` in the namespace of a machine; undefined: in ours. Words are told apart by blanks. */
  ip(machine, words) {
    const where = machine === undefined ? [] : ['-n', this.nameOf(machine)];
    return this.#must(this.#ip, [...where, ...words.split(' ')]);
  }

  /** Writes below /proc/sys/net of a machine. */
  sysctl(machine, settings) {
    const lines = Object.entries(settings).map(([key, value]) => `echo ${value} > /proc/sys/net/${key}`);
    return this.run(machine, ['/bin/sh', '-ec', lines.join('\n')]);
  }

  /** What a program prints that runs to its end on a machine. Throws when it fails. */
  run(machine, words, input) {
    return this.#must(this.#ip, this.#inside(machine, words), input);
  }

  /** Starts a program on a machine. */
  start(machine, words, options) {
    return spawn(this.#ip, this.#inside(machine, words), options);
  }

  /** kill -9 of everything that runs on a machine. Resolves when it is gone. */
  async killAll(machine) {
    for (const words = ['netns', 'pids', this.nameOf(machine)]; ;) {
      const pids = this.#must(this.#ip, words).split('\n').filter(Boolean);
      if (pids.length === 0) return;
      for (const pid of pids) kill(Number(pid));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async close() {
    const { exitCode, signalCode } = this.#guard;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#guard, 'exit');
    this.#guard.stdin.end();
    await gone;
  }

  #inside(machine, words) {
    return ['netns', 'exec', this.nameOf(machine), ...words];
  }

  /** Two of one name there cannot be: whoever makes it has the number. */
  #claim(machine) {
    const first = process.pid % MOST_WORLDS;
    let failure = '';
    for (let n = 0; n < MOST_WORLDS; n += 1) {
      this.number = (first + n) % MOST_WORLDS;
      const { status, stderr } = spawnSync(this.#ip, ['netns', 'add', this.nameOf(machine)], {
        encoding: 'utf8',
      });
      if (status === 0) return;
      failure = stderr.trim();
      if (!failure.includes('File exists')) break;
    }
    throw new Error(`no network namespace can be made here: ${failure}`);
  }

  #must(program, words, input) {
    const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', input });
    if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? stderr.trim()}`);
    return stdout;
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
